// Calls each operation of the generated client once: node calls.js <base URL> <key>.
// Compiling it shows that the request types name their fields: each expected error would go unreported with `any`.
import { addUserAnalytics, captureAnalytics, giftAssets } from './client';
import type { Capture, Gift, UserAnalytics } from './client';
import { client } from './client/client.gen';

declare const process: { argv: string[] };

const analytics: UserAnalytics = {
  email: 'john.doe@example.com',
  feature: 'registration_email',
  action: 'opened',
  experienceId: '47Gop5',
  capturedAt: '2026-04-27T13:35:00Z',
};
const capture: Capture = {
  type: 'PHOTO_VIEWED_BY_USER',
  eventValue: 'opening-match',
  recordCapturedAt: '2026-04-27T13:35:00Z',
  email: 'john.doe@example.com',
};
const gift: Gift = { userId: 'user-john-doe', eventId: 'summer-gala', assets: [new Blob(['GIF89a'], { type: 'image/gif' })] };

// @ts-expect-error feature is required
export const analyticsWithoutFeature: UserAnalytics = { email: 'a', action: 'b', experienceId: 'c', capturedAt: 'd' };
// @ts-expect-error userID is no field
export const analyticsWithAnotherField: UserAnalytics = { ...analytics, userID: 'a' };
// @ts-expect-error a phone number is text
export const analyticsWithANumber: UserAnalytics = { ...analytics, phone: 14155552671 };
// @ts-expect-error no such type
export const captureOfAnotherType: Capture = { ...capture, type: 'PHOTO_SHARED_BY_USER' };
// @ts-expect-error a page visit needs sessionId and registrationPageValue
export const visitWithoutSession: Capture = { type: 'REGISTRATION_PAGE_VISIT', eventValue: 'a', recordCapturedAt: 'b' };
// @ts-expect-error assets is a list
export const giftOfOneFile: Gift = { ...gift, assets: new Blob(['GIF89a']) };

async function main(): Promise<void> {
  const [baseUrl, key] = process.argv.slice(2);
  client.setConfig({ baseUrl: baseUrl as string, auth: () => key });
  const answers = [
    await giftAssets({ body: gift }),
    await addUserAnalytics({ body: analytics }),
    await captureAnalytics({ body: capture }),
  ];
  console.log(JSON.stringify(answers.map(({ data, error, response }) => [response?.status, data ?? error])));
}

void main();
