import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';

/** Languages of the app by their tag, each under its own name. */
export const LANGUAGES = { en: 'English', 'zh-Hant': '繁體中文' } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = 'iotw-language';

/** One file per language and area; an area's texts come with its first page. */
const files = import.meta.glob<{ default: Record<string, unknown> }>('./*/*.json');

const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read(language, area, done) {
    const load = files[`./${language}/${area}.json`];
    if (load === undefined) return done(new Error(`no texts ${language}/${area}`), null);
    load().then(
      (file) => done(null, file.default),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  },
};

/** Areas by the first word of their paths; every other path is the explorer's. */
const AREAS: Readonly<Record<string, string>> = {
  '': 'live',
  wallet: 'wallet',
  pay: 'wallet',
  mine: 'mining',
  operate: 'operator',
};

/** The area of the page that is opened first: its texts come with the frame's. */
function firstArea(): string {
  const area = AREAS[window.location.pathname.split('/')[1] ?? ''] ?? 'explorer';
  return `./en/${area}.json` in files ? area : 'app';
}

/** The kept choice, else the first of the browser's languages that the app has: any Chinese is nearer than English. */
function firstLanguage(): Language {
  const kept = readKept();
  if (kept !== undefined) return kept;
  for (const tag of navigator.languages) {
    if (/^zh\b/i.test(tag)) return 'zh-Hant';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

function readKept(): Language | undefined {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept !== null && Object.hasOwn(LANGUAGES, kept) ? (kept as Language) : undefined;
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
    return undefined;
  }
}

/** Loads the frame's own texts and those of the first page; other areas name theirs in `useTranslation`. */
export async function startTexts(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      fallbackLng: false,
      supportedLngs: Object.keys(LANGUAGES),
      ns: ['app', firstArea()],
      defaultNS: 'app',
      // React escapes.
      interpolation: { escapeValue: false },
      react: { useSuspense: true },
    });
}

export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // Blocked: see readKept.
  }
  await i18next.changeLanguage(language);
}
