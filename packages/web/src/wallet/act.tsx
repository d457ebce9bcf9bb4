import type { Failure, Result } from '@iotw/kernel/result';
import { Button, type ButtonProps, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useFailureText } from './failure-text.ts';

interface ActProps extends ButtonProps {
  readonly run: () => Promise<Result<unknown>>;
  readonly children: ReactNode;
}

/** A button that does something: busy while it does, with its failure below. What a person cancelled is none. */
export function Act({ run, children, ...rest }: ActProps) {
  const text = useFailureText();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const act = async () => {
    setBusy(true);
    setFailure(undefined);
    const done = await run();
    setBusy(false);
    if (!done.ok && done.error.code !== 'signer-cancelled') setFailure(done.error);
  };
  return (
    <Stack gap={4}>
      <Button {...rest} loading={busy} onClick={() => void act()}>
        {children}
      </Button>
      {failure !== undefined && (
        <Text role="alert" size="sm" c="red" data-code={failure.code} style={{ overflowWrap: 'anywhere' }}>
          {text(failure)}
        </Text>
      )}
    </Stack>
  );
}
