import { Button, Group, ScrollArea } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';

/** The pages of one room of the app, on a line that scrolls where it is narrow; `here`: which of them is shown. */
export function PlacesBar({
  label,
  places,
  here,
}: {
  readonly label: string;
  readonly places: readonly { readonly to: LinkProps['to']; readonly name: string }[];
  readonly here: string | undefined;
}) {
  return (
    <ScrollArea type="never" data-print="no">
      <Group component="nav" aria-label={label} gap={4} wrap="nowrap">
        {places.map(({ to, name }) => (
          <Button
            key={to}
            component={Link}
            to={to}
            size="sm"
            px="sm"
            style={{ flexShrink: 0 }}
            variant={to === here ? 'light' : 'subtle'}
            {...(to === here ? { 'aria-current': 'page' as const } : {})}
          >
            {name}
          </Button>
        ))}
      </Group>
    </ScrollArea>
  );
}
