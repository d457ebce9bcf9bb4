import { getMaker } from '@iotw/sdk/client/makers';
import { Badge, Group, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { To } from '../../explorer/parts/links.tsx';
import { Rows } from '../../explorer/parts/listing.tsx';
import { Answer, Section } from '../../explorer/parts/page.tsx';
import { Heading } from '../parts/heading.tsx';
import { type Acting, useRoles } from '../roles.ts';
import { OpenBatch } from './open-batch.tsx';
import { RegisterDevices } from './register-devices.tsx';
import { Revoke } from './revoke.tsx';

const LOOK_MS = 5_000;

/** A maker's desk: batches by its root, deliveries of devices by its batches. */
export function MakersPage() {
  const { t } = useTranslation('operator');
  const { acting, isKnown } = useRoles();
  const roots = acting.flatMap((root) => root.roles.makers.map(({ maker }) => ({ root, maker })));
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Heading title={t('places.makers')} about={t('makers.about')} />
        <Badge variant="default">{t('makers.only')}</Badge>
      </Group>
      {roots.map(({ root, maker }) => (
        <Maker key={maker} number={maker} root={root} acting={acting} />
      ))}
      {isKnown && roots.length === 0 && <Text c="dimmed">{t('makers.none')}</Text>}
      <Deliveries acting={acting} />
      <Text fz="sm" data-makers={roots.length}>
        <To to="/makers">{t('makers.all')}</To>
      </Text>
    </>
  );
}

function Maker({
  number,
  root,
  acting,
}: {
  readonly number: number;
  readonly root: Acting;
  readonly acting: readonly Acting[];
}) {
  const { t } = useTranslation('operator');
  const maker = useResult(['maker', number], () => getMaker(connection, number), { every: LOOK_MS });
  return (
    <Answer of={maker}>
      {(found) => (
        <>
          <Section title={t('makers.batches', { maker: `${found.maker} ${found.name}` })}>
            <Rows
              area="operator"
              items={found.batches}
              keyOf={({ batch }) => String(batch)}
              columns={[
                { name: 'batch', cell: ({ batch }) => count(batch) },
                {
                  name: 'used',
                  cell: ({ used, quota }) => t('of', { some: count(used), all: count(quota) }),
                  end: true,
                },
                { name: 'activeFrom', cell: ({ activeFrom }) => count(activeFrom), end: true },
                {
                  name: 'revokedFrom',
                  cell: ({ revokedFrom }) => (revokedFrom === 0 ? '–' : count(revokedFrom)),
                  end: true,
                },
              ]}
            />
          </Section>
          <Section title={t('batch.title')}>
            <OpenBatch key={found.batches.length} maker={found} root={root} acting={acting} />
          </Section>
          <Section title={t('revoke.title', { maker: `${found.maker} ${found.name}` })}>
            <Revoke maker={found} root={root} />
          </Section>
        </>
      )}
    </Answer>
  );
}

function Deliveries({ acting }: { readonly acting: readonly Acting[] }) {
  const { t } = useTranslation('operator');
  const batches = acting.flatMap((by) =>
    by.roles.batches.map((into) => ({ by, into, name: `${into.maker}/${into.batch}` })),
  );
  const [choice, setChoice] = useState<string>();
  const chosen = batches.find(({ name }) => name === choice) ?? batches[0];
  if (chosen === undefined) return <Text c="dimmed">{t('delivery.noBatch')}</Text>;
  return (
    <Section title={t('delivery.title')}>
      <Select
        label={t('delivery.into')}
        data={batches.map(({ name, by }) => ({ value: name, label: `${name} (${by.account.name})` }))}
        value={chosen.name}
        allowDeselect={false}
        onChange={(value) => value !== null && setChoice(value)}
        maw={320}
        mb="sm"
      />
      <RegisterDevices key={chosen.name} into={chosen.into} by={chosen.by} acting={acting} />
    </Section>
  );
}
