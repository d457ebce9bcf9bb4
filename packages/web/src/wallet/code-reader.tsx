import { type Failure, fail, type Result } from '@iotw/kernel/result';
import { Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFailureText } from './failure-text.ts';
import { readPicture, type Scan, startCamera } from './scan.ts';

interface CodeReaderProps {
  /** Of the field to paste into. */
  readonly label?: string;
  /** Called with each text that was pasted and confirmed, or read from a QR. */
  readonly found: (text: string) => Promise<Result<unknown>>;
  /** Whether a text is a whole code, which is read as soon as it stands in the field. */
  readonly isWhole?: (text: string) => boolean;
  /** Pasting has a field elsewhere: only camera and picture are offered. */
  readonly qrOnly?: boolean;
}

/** A code by pasting it, by the camera or from a picture; what went wrong stands below. */
export function CodeReader({ label, found, isWhole, qrOnly = false }: CodeReaderProps) {
  const { t } = useTranslation('wallet');
  const failureText = useFailureText();
  const [text, setText] = useState('');
  const [failure, setFailure] = useState<Failure>();
  const [filming, setFilming] = useState(false);
  const read = async (result: Result<string>) => {
    setFailure(undefined);
    if (result.ok && !qrOnly) setText(result.value);
    const done = result.ok ? await found(result.value) : result;
    if (!done.ok) setFailure(done.error);
  };
  const readText = (typed: string) =>
    read(
      typed.trim() === ''
        ? fail('code-empty', 'Paste a code first, or scan one.')
        : { ok: true, value: typed },
    );
  return (
    <Stack gap="sm">
      {!qrOnly && (
        <Textarea
          label={label}
          name="code"
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setText(value);
            if (isWhole?.(value) === true) void readText(value);
          }}
          onKeyDown={(event) => {
            // A code is one line.
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void readText(text);
          }}
        />
      )}
      <Group gap="sm">
        {!qrOnly && <Button onClick={() => void readText(text)}>{t('code.read')}</Button>}
        <Button variant="default" onClick={() => setFilming(!filming)}>
          {t(filming ? 'code.cameraOff' : 'code.camera')}
        </Button>
        <FileButton
          accept="image/*"
          onChange={(file) => file !== null && void readPicture(file).then(read)}
          inputProps={{ 'aria-label': t('code.picture') }}
        >
          {(props) => (
            <Button variant="default" {...props}>
              {t('code.picture')}
            </Button>
          )}
        </FileButton>
      </Group>
      {filming && (
        <Camera
          ended={(result) => {
            setFilming(false);
            void read(result);
          }}
        />
      )}
      {failure !== undefined && (
        <Text role="alert" size="sm" c="red" data-code={failure.code} style={{ overflowWrap: 'anywhere' }}>
          {failureText(failure)}
        </Text>
      )}
    </Stack>
  );
}

/** The camera's picture, until it shows a QR or can't be had. */
function Camera({ ended }: { readonly ended: (result: Result<string>) => void }) {
  const { t } = useTranslation('wallet');
  const video = useRef<HTMLVideoElement>(null);
  const end = useRef(ended);
  end.current = ended;
  useEffect(() => {
    let gone = false;
    let scan: Scan | undefined;
    if (video.current === null) return undefined;
    void startCamera(video.current, (text) => end.current({ ok: true, value: text })).then((started) => {
      if (!started.ok) {
        if (!gone) end.current(started);
      } else if (gone) started.value.stop();
      else scan = started.value;
    });
    return () => {
      gone = true;
      scan?.stop();
    };
  }, []);
  return (
    <video
      ref={video}
      muted
      playsInline
      aria-label={t('code.cameraPicture')}
      style={{ width: '100%', maxWidth: 360, borderRadius: 8 }}
    />
  );
}
