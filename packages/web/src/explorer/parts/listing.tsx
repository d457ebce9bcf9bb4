import type { Result } from '@iotw/kernel/result';
import type { Page } from '@iotw/sdk/client/pages';
import { Button, Group, Paper, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../../app/layout.tsx';
import { Problem } from '../../app/problem.tsx';
import { FailureError } from '../../data/use-result.ts';
import { download, toCsv } from './export.ts';
import classes from './parts.module.css';

export interface Column<T> {
  /** Key of its name. */
  readonly name: string;
  readonly cell: (item: T) => ReactNode;
  /** A number: shown at the end of its cell. */
  readonly end?: boolean;
}

interface TableProps<T> {
  readonly columns: readonly Column<T>[];
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** The area whose texts name the columns. */
  readonly area?: 'explorer' | 'operator';
}

/** Rows of one kind; on a phone each row is a card. */
export function Rows<T>({ columns, items, keyOf, area = 'explorer' }: TableProps<T>) {
  const { t } = useTranslation(['explorer', area]);
  const names = columns.map(({ name }) => t(`fact.${name}`, { ns: area }));
  return (
    <Paper withBorder px="md" className={classes.scroll}>
      {/* Plain elements: a long list has hundreds of them, and a component of the library for each costs ten times as much. */}
      <table className={classes.table}>
        <thead>
          <tr>
            {names.map((name, at) => (
              <th key={name} className={columns[at]!.end ? classes.end : undefined} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map(({ name, cell, end }, at) => (
                <td key={name} data-name={names[at]} className={end ? classes.end : undefined}>
                  <span>{cell(item)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {items.length === 0 && (
        <Text py="sm" c="dimmed">
          {t('list.none')}
        </Text>
      )}
    </Paper>
  );
}

interface ListingProps<T> extends Omit<TableProps<T>, 'items'> {
  /** Names the list: of the query and of exported files. */
  readonly name: string;
  readonly queryKey: readonly unknown[];
  readonly load: (cursor: string | undefined, signal: AbortSignal) => Promise<Result<Page<T>>>;
}

/** A list page after page, and what it shows as CSV and JSON. */
export function Listing<T extends object>({ name, queryKey, load, columns, keyOf, area }: ListingProps<T>) {
  const { t } = useTranslation('explorer');
  const query = useInfiniteQuery({
    queryKey: ['list', name, ...queryKey],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const page = await load(pageParam, signal);
      if (!page.ok) throw new FailureError(page.error);
      return page.value;
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  if (query.data === undefined)
    return query.error ? <Problem error={query.error} onAgain={query.refetch} /> : <Loading />;
  const items = query.data.pages.flatMap((page) => page.items);
  return (
    <div>
      <Rows columns={columns} items={items} keyOf={keyOf} {...(area === undefined ? {} : { area })} />
      <Group mt="sm" justify="space-between">
        <Group gap="xs">
          {query.hasNextPage && (
            <Button variant="light" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
              {t('list.more')}
            </Button>
          )}
        </Group>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            onClick={() => download(`${name}.csv`, 'text/csv', toCsv(items as Record<string, unknown>[]))}
          >
            {t('share.csv')}
          </Button>
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              download(`${name}.json`, 'application/json', `${JSON.stringify(items, null, 2)}\n`)
            }
          >
            {t('share.json')}
          </Button>
        </Group>
      </Group>
    </div>
  );
}
