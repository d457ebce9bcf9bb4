import { Button, Code, CopyButton, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A text to take along: shown whole, and copied by a button. */
export function CopyText({ text, name }: { readonly text: string; readonly name: string }) {
  const { t } = useTranslation('wallet');
  return (
    <Group align="flex-start">
      <Code
        block
        style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', maxWidth: '100%' }}
        data-copy={name}
      >
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="xs" onClick={copy}>
            {t(copied ? 'copied' : 'copy')}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
