import type { Failure } from '@iotw/kernel/result';
import { getMakerPage } from '@iotw/sdk/client/makers';
import { Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { useNetwork } from '../../wallet/use-account.ts';
import type { FieldForm, ProposalField } from './forms.ts';

const MOST_MAKERS = 500;

interface FormProps {
  readonly fields: readonly ProposalField[];
  readonly typed: Readonly<Record<string, string>>;
  readonly onType: (name: string, text: string) => void;
  /** What is wrong with the whole, told at the field that it points to. */
  readonly failure?: Failure;
}

/** The fields of one kind of proposal. */
export function ContentForm({ fields, typed, onType, failure }: FormProps) {
  const pointer = String(failure?.data?.pointer ?? '');
  const faulty = fields.find(([name]) => pointer === `/${name}` || pointer.startsWith(`/${name}/`))?.[0];
  return (
    <Stack gap="sm" maw={560}>
      {fields.map(([name, form]) => (
        <Field
          key={name}
          name={name}
          form={form}
          text={typed[name] ?? ''}
          onType={(text) => onType(name, text)}
          {...(faulty === name ? { error: failure!.message } : {})}
        />
      ))}
      {failure !== undefined && faulty === undefined && (
        <Text c="red" role="alert">
          {failure.message}
        </Text>
      )}
    </Stack>
  );
}

function Field({
  name,
  form,
  text,
  onType,
  error,
}: {
  readonly name: string;
  readonly form: FieldForm;
  readonly text: string;
  readonly onType: (text: string) => void;
  readonly error?: string;
}) {
  const { t } = useTranslation('operator');
  const network = useNetwork();
  const makers = useResult(['makers', 'all'], () => getMakerPage(connection, { limit: MOST_MAKERS }), {
    enabled: form === 'maker',
  });
  const shared = { label: t(`field.${name}`), name, ...(error === undefined ? {} : { error }) };
  const choices =
    form === 'maker'
      ? (makers.data?.items ?? []).map((maker) => ({
          value: String(maker.maker),
          label: `${maker.maker} ${maker.name}`,
        }))
      : form === 'region' || form === 'cloud'
        ? (network.data?.[form === 'region' ? 'regions' : 'clouds'] ?? []).map((label, i) => ({
            value: String(i),
            label,
          }))
        : undefined;
  if (choices !== undefined) {
    return (
      <Select
        {...shared}
        data={choices}
        value={text || null}
        onChange={(value) => onType(value ?? '')}
        searchable
      />
    );
  }
  const typing = {
    value: text,
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      onType(currentTarget.value),
    autoComplete: 'off',
    spellCheck: false,
  };
  if (form === 'addresses')
    return <Textarea {...shared} {...typing} autosize minRows={3} description={t('field.addresses')} />;
  return (
    <TextInput
      {...shared}
      {...typing}
      {...(form === 'key' ? { description: t('field.hex') } : {})}
      {...(form === 'number' ? { inputMode: 'numeric' as const } : {})}
    />
  );
}
