/**
 * Every bound of the API server in one place (spec: clause 12). What happens at a limit is stated beside it.
 */
import { MAX_TRANSACTION_BYTES } from '@iotw/protocol/limits';

/** Bytes of a JSON body: an envelope in hex and room for field names; more: `request-too-large`. */
export const MAX_JSON_BYTES = 8 * MAX_TRANSACTION_BYTES;
/** Bytes of a binary batch; more: `request-too-large`. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Transactions of a batch; more: `batch-malformed`. */
export const MAX_BATCH_TRANSACTIONS = 16_384;
/** How long `wait=certified` and `wait=final` hold a request, ms; then `wait-timeout`. */
export const WAIT_TIMEOUT_MS = 30_000;
/** Rounds lately read whose records stay in memory, and rounds that the index has not seen; the bytes of either. */
export const KEPT_ROUNDS = 64;
/**
 * Newest rounds in memory that the index has seen, for readers who ask at once. Few: what outlives two collections
 * of the young generation is freed only by one of the whole heap.
 */
export const KEPT_NEWEST_ROUNDS = 4;
export const KEPT_ROUND_BYTES = 32 * 1024 * 1024;
/** Idempotency keys remembered, and the characters one may have; more: `idempotency-key-invalid`. */
export const IDEMPOTENCY_KEYS = 10_000;
export const IDEMPOTENCY_KEY_CHARACTERS = 128;
/** Requests per minute from one address that is not this machine; more: `rate-limited`. */
export const REQUESTS_PER_MINUTE = 6_000;
/** Delay of the event loop, ms, above which new requests under /v1/ are refused: `node-overloaded`. */
export const MAX_EVENT_LOOP_DELAY_MS = 2_000;

/** Entries of a page: default and most. */
export const PAGE_DEFAULT = 50;
export const PAGE_MOST = 500;
/** Rows a filtered list looks at for one page; it then ends early with a cursor. */
export const PAGE_SCAN_ROWS = 20_000;
/** The same where devices are listed by their status, which two columns tell: about 2 ms. */
export const STATUS_SCAN_ROWS = 200_000;
/** Ended epochs whose settlements one page of a device's earnings looks at; the cursor goes on behind them. */
export const EARNINGS_SCAN_EPOCHS = 200;
/** Rounds that one page of recent blocks or transactions looks at; the cursor goes on behind them. */
export const RECENT_SCAN_ROUNDS = 1_000;
/** Ranks an election shows. */
export const ELECTION_RANKS = 256;

/** Seed proofs of one answer; who needs more asks again. */
export const SEED_PROOFS_PER_CALL = 500;
/** Rounds that one answer searches for changes of who signs. */
export const SIGNER_ROUNDS_PER_CALL = 200;
/** Rounds from an epoch's first on that are searched for its trust nodes' votes. */
export const PROOF_VOTE_ROUNDS = 256;

/** Streams (SSE and WebSocket) open at once, and from one address that is not this machine; more: `streams-full`. */
export const MAX_STREAMS = 1_000;
export const MAX_STREAMS_PER_ADDRESS = 32;
/** Bytes waiting for one stream's client: nothing is written above it until the client has read. */
export const STREAM_BUFFER_BYTES = 256 * 1024;
/** A stream whose client has read nothing for so long is dropped, ms: `stream-slow-client`. */
export const STREAM_STALL_MS = 20_000;
/** Silence after which a comment or ping is sent, ms. */
export const STREAM_HEARTBEAT_MS = 15_000;
/** Rounds one stream writes in one turn of the event loop. */
export const STREAM_ROUNDS_PER_TURN = 32;
/** Submissions of one WebSocket that wait for their outcome; more: `submits-in-flight`. */
export const STREAM_SUBMITS = 64;

/** Requests the faucet serves an address of the internet and a key in an hour; more: `faucet-limit`. */
export const FAUCET_PER_ADDRESS_HOUR = 60;
export const FAUCET_PER_KEY_HOUR = 6;
/** People's devices an address of the internet may join with in an hour; more: `guest-limit`. */
export const GUESTS_PER_ADDRESS_HOUR = 20;
/** Addresses and keys that hourly limits remember. */
export const FAUCET_REMEMBERED = 10_000;

/** Keys that `/v1/devices` looks up in one call. */
export const MAX_DEVICE_KEYS = 100;
/** Accounts in one answer of `/v1/balances`. */
export const MAX_BALANCES = 256;
