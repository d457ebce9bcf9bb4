import { getUpcomingParameters } from '@iotw/sdk/client/status';
import { Badge, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { connection } from '../../data/connection.ts';
import { useResult } from '../../data/use-result.ts';
import { To } from '../parts/links.tsx';
import { Rows } from '../parts/listing.tsx';
import { Answer, Page } from '../parts/page.tsx';
import classes from '../parts/parts.module.css';

/** What the network runs by now, and what votes have decided for the epochs that come. */
export function ParametersPage() {
  const { t } = useTranslation('explorer');
  const upcoming = useResult(['parameters'], () => getUpcomingParameters(connection));
  return (
    <Page kind="parameters" about={t('about.parameters')} data={upcoming.data}>
      <Answer of={upcoming}>
        {({ items }) => {
          const [now, ...later] = items;
          const rows = Object.entries(now?.parameters ?? {}).map(([name, value]) => ({
            name,
            value,
            change: later.find(({ parameters }) => parameters[name] !== value),
          }));
          return (
            <>
              <Rows
                items={rows}
                keyOf={({ name }) => name}
                columns={[
                  { name: 'parameter', cell: ({ name }) => <span className={classes.mono}>{name}</span> },
                  { name: 'value', cell: ({ value }) => String(value), end: true },
                  {
                    name: 'change',
                    cell: ({ name, change }) =>
                      change === undefined ? (
                        '–'
                      ) : (
                        <Badge variant="light" tt="none">
                          {t('parameter.from', {
                            epoch: change.epoch,
                            value: String(change.parameters[name]),
                          })}
                        </Badge>
                      ),
                    end: true,
                  },
                ]}
              />
              <Text fz="sm">
                <To to="/votes">{t('parameter.votes')}</To>
              </Text>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}
