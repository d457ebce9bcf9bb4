import type { Failure } from '@iotw/kernel/result';
import en from '../i18n/en/signer.json';
import zhHant from '../i18n/zh-Hant/signer.json';
import type { SignerLanguage } from './messages.ts';

export type SignerText = keyof typeof en;
export type Translate = (key: SignerText, values?: Readonly<Record<string, string | number>>) => string;

const TEXTS: Readonly<Record<SignerLanguage, Readonly<Record<SignerText, string>>>> = {
  en,
  'zh-Hant': zhHant,
};

/** The texts of a language; `{name}` in a text is filled from `values`. */
export function translator(language: SignerLanguage): Translate {
  const texts = TEXTS[language];
  return (key, values = {}) =>
    texts[key].replace(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : whole,
    );
}

/** A name that the texts may know, such as that of a field or an operation; else the name itself. */
export function translateName(t: Translate, prefix: string, name: string): string {
  const key = `${prefix}.${name}`;
  return Object.hasOwn(en, key) ? t(key as SignerText) : name;
}

/** A failure for people: in their language where there is a text for its code, else its own sentence. */
export function failureText(t: Translate, failure: Failure): string {
  const key = `failure.${failure.code}`;
  return Object.hasOwn(en, key) ? t(key as SignerText) : failure.message;
}
