import { PARAMETER_BOUNDS } from '@iotw/protocol/parameter-rules';
import { getLedgerServers } from '@iotw/sdk/client/chain';
import { getUpcomingParameters } from '@iotw/sdk/client/status';
import { CloseButton, Group, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { count } from '../../data/format.ts';
import { useResult } from '../../data/use-result.ts';
import { Answer, Section } from '../../explorer/parts/page.tsx';
import {
  changesToJson,
  NAMED,
  PARAMETER_NAMES,
  type ParameterName,
  previewChanges,
  readParameters,
} from './parameter-preview.ts';
import { ParameterTable } from './parameter-table.tsx';

type Typed = Readonly<Partial<Record<ParameterName, string>>>;

/** Which parameters get which new values, with a preview. `children` gets the changes as JSON; undefined: something is wrong. */
export function ParameterForm({
  children,
}: {
  readonly children: (changes: object | undefined) => ReactNode;
}) {
  const { t } = useTranslation('operator');
  const [typed, setTyped] = useState<Typed>({});
  const upcoming = useResult(['parameters'], () => getUpcomingParameters(connection));
  const servers = useResult(['ledger-servers'], () => getLedgerServers(connection));
  return (
    <Answer of={upcoming}>
      {({ items }) => {
        // A vote changes what the epoch frozen last runs by, not what the running one does.
        const before = readParameters(items.at(-1)?.parameters ?? {});
        if (before === undefined) return <Text role="alert">{t('preview.unknown')}</Text>;
        const serving = servers.data?.filter(({ suspended }) => suspended === null).length ?? 1;
        const preview = previewChanges(before, typed, serving);
        const choose = (names: readonly string[]) =>
          setTyped(
            Object.fromEntries(
              names.map((name) => [
                name,
                typed[name as ParameterName] ?? String(before[name as ParameterName]),
              ]),
            ),
          );
        return (
          <>
            <MultiSelect
              label={t('preview.choose')}
              data={PARAMETER_NAMES.map((value) => ({
                value,
                label: `${value}: ${t(`parameter.${value}`)}`,
              }))}
              value={Object.keys(typed)}
              onChange={choose}
              searchable
              maxValues={PARAMETER_NAMES.length}
            />
            <Stack gap="sm">
              {(Object.keys(typed) as ParameterName[]).map((name) => (
                <Group key={name} align="flex-end" gap="xs">
                  <Value
                    name={name}
                    text={typed[name]!}
                    onType={(text) => setTyped({ ...typed, [name]: text })}
                  />
                  <CloseButton
                    size="lg"
                    aria-label={t('preview.drop', { name })}
                    onClick={() => choose(Object.keys(typed).filter((other) => other !== name))}
                  />
                </Group>
              ))}
            </Stack>
            {preview.rows.length > 0 && (
              <Section title={t('preview.title')}>
                <ParameterTable
                  rows={preview.rows}
                  {...(preview.broken === undefined ? {} : { broken: preview.broken })}
                />
              </Section>
            )}
            {children(preview.isGood ? changesToJson(preview.rows) : undefined)}
          </>
        );
      }}
    </Answer>
  );
}

function Value({
  name,
  text,
  onType,
}: {
  readonly name: ParameterName;
  readonly text: string;
  readonly onType: (text: string) => void;
}) {
  const { t } = useTranslation('operator');
  const [least, most] = PARAMETER_BOUNDS[name];
  const names = NAMED[name];
  const shared = { label: name, style: { flex: '1 1 14rem' }, maw: 360 };
  if (names !== undefined) {
    return (
      <Select
        {...shared}
        data={Object.entries(names).map(([label, value]) => ({ value: String(value), label }))}
        value={text}
        allowDeselect={false}
        onChange={(value) => value !== null && onType(value)}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      name={name}
      inputMode="numeric"
      description={t('bounds', { least: count(least), most: count(most) })}
      value={text}
      onChange={({ currentTarget }) => onType(currentTarget.value)}
      autoComplete="off"
    />
  );
}
