import { Alert, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { count, iotw } from '../../data/format.ts';
import { Rows } from '../../explorer/parts/listing.tsx';
import { type ChangeRow, NAMED, type ParameterName, SHARES, unitOf } from './parameter-preview.ts';

/** What changes: old, new, bounds, and what the parameter is in words. */
export function ParameterTable({
  rows,
  broken,
}: {
  readonly rows: readonly ChangeRow[];
  readonly broken?: string;
}) {
  const { t, i18n } = useTranslation('operator');
  const shown = (name: ParameterName, value: number | undefined) =>
    value === undefined ? '–' : shownParameter(t, i18n.language, name, value);
  return (
    <>
      <Rows
        area="operator"
        items={rows}
        keyOf={({ name }) => name}
        columns={[
          {
            name: 'parameter',
            cell: ({ name }) => (
              <>
                <Text component="span" fw={600} display="block">
                  {name}
                </Text>
                <Text component="span" fz="sm" c="dimmed">
                  {t(`parameter.${name}`)}
                </Text>
              </>
            ),
          },
          { name: 'before', cell: ({ name, before }) => shown(name, before), end: true },
          {
            name: 'after',
            cell: ({ name, after, fault }) => (
              <span data-after={name}>
                {shown(name, after)}
                {fault !== undefined && (
                  <Text component="span" c="red" fz="sm" display="block" role="alert">
                    {t(`fault.${fault}`)}
                  </Text>
                )}
              </span>
            ),
            end: true,
          },
          {
            name: 'bounds',
            cell: ({ least, most }) => t('bounds', { least: count(least), most: count(most) }),
            end: true,
          },
        ]}
      />
      {broken !== undefined && (
        <Alert color="red" mt="xs" title={t('fault.broken')}>
          {broken}
        </Alert>
      )}
    </>
  );
}

/** The number with what it means behind it, such as `20,000 (20 s)`. */
function shownParameter(
  t: (key: string, values: Record<string, unknown>) => string,
  language: string,
  name: ParameterName,
  value: number,
): string {
  const unit = unitOf(name);
  if (unit === 'named') {
    const word = Object.entries(NAMED[name] ?? {}).find(([, number]) => number === value)?.[0];
    return word === undefined ? count(value) : `${word} (${value})`;
  }
  if (unit === 'count') return count(value);
  if (unit === 'iotw') return `${iotw(value)} IOTW`;
  if (unit === 'ms') return t('milliseconds', { value: count(value), seconds: count(value / 1_000) });
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumSignificantDigits: 6 });
  return `${count(value)} (${share.format(value * SHARES[unit])})`;
}
