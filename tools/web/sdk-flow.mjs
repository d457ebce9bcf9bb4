// The SDK in a browser, without a server to help it: what CometBFT made is followed, what was changed of it is refused.
import { expectedTitle, serveSdkPage } from './sdk-page.mjs';

/** @type {import('./flows.mjs').Flow} */
export const sdkFlow = {
  name: 'sdk: verifies commits',
  sizes: ['desktop'],
  async run(t) {
    const sdk = await serveSdkPage();
    try {
      await t.page.goto(sdk.url);
      await t.page.waitForURL(sdk.url);
      for (let look = 0; look < 100 && (await t.page.title()) === ''; look += 1)
        await t.page.waitForTimeout(100);
      t.check(
        'its title is what became of the commits',
        (await t.page.title()) === expectedTitle(),
        await t.page.title(),
      );
    } finally {
      sdk.stop();
    }
  },
};
