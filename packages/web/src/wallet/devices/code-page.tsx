import { fromHex } from '@iotw/kernel/bytes';
import { ok, type Result } from '@iotw/kernel/result';
import { decodeDeviceCode, encodeDeviceCode } from '@iotw/protocol/device-code';
import { Alert, Anchor, List, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { queries } from '../../data/queries.ts';
import { Act } from '../act.tsx';
import { CodeReader } from '../code-reader.tsx';
import { CopyText } from '../copy-text.tsx';
import type { Payment } from '../payment.ts';
import { QrPicture } from '../qr-picture.tsx';
import { newReference } from '../reference.ts';
import { askSigner, ports, useWallet } from '../session.ts';
import { transact } from '../transact.ts';
import { useAddress, useCurrentAccount, useNetwork } from '../use-account.ts';
import { type CodeMeaning, readCode } from './code-meaning.ts';
import { DeviceFacts } from './device-facts.tsx';

/** A device by its code: claimed, taken over or handed over, after it was said what that means. */
export function CodePage() {
  const { t } = useTranslation('wallet');
  const { state } = useWallet();
  const network = useNetwork();
  const [meaning, setMeaning] = useState<CodeMeaning>();
  const id = fromHex(network.data?.network ?? '', 32);
  const read = async (text: string): Promise<Result<unknown>> => {
    setMeaning(undefined);
    const info = network.data ?? (await network.refetch()).data;
    if (info === undefined) return { ok: false, error: { code: 'client-unreachable', message: '' } };
    const found = await readCode(connection, info, state?.accounts ?? [], text);
    if (found.ok) setMeaning(found.value);
    return found;
  };
  return (
    <Stack maw={640}>
      <Title order={1} size="h2">
        {t('code.title')}
      </Title>
      <Text>{t('code.intro')}</Text>
      <CodeReader
        label={t('code.label')}
        found={read}
        isWhole={(text) => id !== undefined && decodeDeviceCode(id, text).ok}
      />
      {meaning !== undefined && <Meaning key={`${meaning.kind}${meaning.device.key}`} meaning={meaning} />}
      <Anchor component={Link} to="/wallet/devices">
        {t('places.devices')}
      </Anchor>
    </Stack>
  );
}

function Meaning({ meaning }: { readonly meaning: CodeMeaning }) {
  const { t } = useTranslation('wallet');
  return (
    <Paper withBorder p="md" data-meaning={meaning.kind}>
      <Stack>
        <Title order={2} size="h4">
          {t(`code.means.${meaning.kind}`)}
        </Title>
        <DeviceFacts device={meaning.device} />
        {meaning.kind === 'free' && <Agree />}
        {meaning.kind === 'own' && (
          <Anchor component={Link} to={`/wallet/device/${meaning.device.key}`}>
            {t('device.open')}
          </Anchor>
        )}
        {meaning.kind === 'owned' && <TakeOver meaning={meaning} />}
        {(meaning.kind === 'claim' || meaning.kind === 'handover') && <Sign meaning={meaning} />}
      </Stack>
    </Paper>
  );
}

/** The device has to agree to this account: what to give to who can make it. */
function Agree() {
  const { t } = useTranslation('wallet');
  const address = useAddress(useCurrentAccount()?.key);
  return (
    <>
      <Text>{t('code.agree')}</Text>
      <QrPicture text={address} label={t('receive.qr')} />
      <CopyText text={address} name="address" />
    </>
  );
}

type Signed = Extract<CodeMeaning, { kind: 'claim' | 'handover' }>;

/** What is going to be signed, and the button that leads to the signer. */
function Sign({ meaning }: { readonly meaning: Signed }) {
  const { t } = useTranslation('wallet');
  const [reference, setReference] = useState(newReference);
  const [done, setDone] = useState<Payment>();
  const { kind, account, device, operation } = meaning;
  const act = async (): Promise<Result<unknown>> => {
    const purpose = { kind: 'device', act: kind, device: device.key } as const;
    const ended = await transact(ports, { reference, account, operations: [operation], purpose });
    if (!ended.ok) return ended;
    setReference(newReference());
    setDone(ended.value);
    await queries.invalidateQueries({ queryKey: ['devices'] });
    return ok(undefined);
  };
  if (done?.status === 'final') {
    return (
      <Alert color="green" role="status" title={t(`device.act.${kind}`)} data-outcome="final">
        <Anchor
          component={Link}
          to={kind === 'claim' ? `/wallet/device/${device.key}` : '/wallet/devices'}
          size="sm"
        >
          {t(kind === 'claim' ? 'device.open' : 'places.devices')}
        </Anchor>
      </Alert>
    );
  }
  return (
    <>
      <Text>{t('code.signs')}</Text>
      <List size="sm">
        {kind === 'claim' ? (
          <List.Item>{t('code.signsClaim', { account: account.name })}</List.Item>
        ) : (
          <List.Item style={{ overflowWrap: 'anywhere' }}>
            {t('code.signsHandover', { account: account.name, to: meaning.to })}
          </List.Item>
        )}
        <List.Item>{t(`code.after.${kind}`)}</List.Item>
      </List>
      <Act run={act}>{t(`code.go.${kind}`)}</Act>
      {done !== undefined && (
        <Alert color="red" role="status" title={t(`status.${done.status}`)} data-outcome={done.status}>
          {t(`status.${done.status}Hint`, { code: done.code ?? '' })}
        </Alert>
      )}
    </>
  );
}

/** The device is somebody's: this account's word to take it over, as a code for him. */
function TakeOver({ meaning }: { readonly meaning: Extract<CodeMeaning, { kind: 'owned' }> }) {
  const { t } = useTranslation('wallet');
  const account = useCurrentAccount();
  const network = useNetwork();
  const [code, setCode] = useState<string>();
  const { device, from } = meaning;
  const accept = async (): Promise<Result<unknown>> => {
    const key = fromHex(device.key, 32);
    const id = fromHex(network.data?.network ?? '', 32);
    if (account === undefined || key === undefined || id === undefined) return ok(undefined);
    const changes = device.ownershipChanges;
    const request = { account: account.account, device: key, from, changes };
    const accepted = await askSigner({ type: 'accept-handover', ...request });
    if (!accepted.ok) return accepted;
    const signature = accepted.value.acceptance;
    setCode(encodeDeviceCode(id, { kind: 'accept', device: key, owner: account.key, changes, signature }));
    return accepted;
  };
  if (code === undefined) {
    return (
      <>
        <Text style={{ overflowWrap: 'anywhere' }}>
          {t('code.owner', { owner: device.owner, account: account?.name })}
        </Text>
        <Act run={accept}>{t('code.go.owned')}</Act>
      </>
    );
  }
  return (
    <>
      <Text>{t('code.give')}</Text>
      <QrPicture text={code.toUpperCase()} label={t('code.acceptance')} />
      <CopyText text={code} name="acceptance" />
    </>
  );
}
