// Which files of the three libraries go into an image; what an image does not call is left out by the linker.
import { join } from 'node:path';

/** libsodium 1.0.18: Ed25519, SHA-2 and the group operations, its portable code. @param {string} root */
export function libsodium(root) {
  const at = (path) => join(root, 'src/libsodium', path);
  return {
    flags: [
      ...[`-I${at('include')}`, `-I${at('include/sodium')}`],
      ...['-DCONFIGURED=1', '-DSODIUM_STATIC=1', '-DNATIVE_LITTLE_ENDIAN=1'],
    ],
    foreign: [
      'crypto_core/ed25519/core_ed25519.c',
      'crypto_core/ed25519/ref10/ed25519_ref10.c',
      'crypto_hash/sha256/cp/hash_sha256_cp.c',
      'crypto_hash/sha512/cp/hash_sha512_cp.c',
      'crypto_hash/sha512/hash_sha512.c',
      'crypto_scalarmult/ed25519/ref10/scalarmult_ed25519_ref10.c',
      'crypto_sign/ed25519/ref10/keypair.c',
      'crypto_sign/ed25519/ref10/open.c',
      'crypto_sign/ed25519/ref10/sign.c',
      'crypto_sign/ed25519/sign_ed25519.c',
      'crypto_verify/sodium/verify.c',
    ].map(at),
  };
}

/** lwIP 2.1: IPv4, ARP, TCP. @param {string} root */
export function lwip(root) {
  const at = (path) => join(root, 'src', path);
  return {
    flags: [`-I${at('include')}`],
    foreign: [
      ...[
        'def',
        'inet_chksum',
        'init',
        'ip',
        'mem',
        'memp',
        'netif',
        'pbuf',
        'tcp',
        'tcp_in',
        'tcp_out',
        'timeouts',
      ].map((name) => `core/${name}.c`),
      ...['etharp', 'ip4', 'ip4_addr'].map((name) => `core/ipv4/${name}.c`),
      'netif/ethernet.c',
    ].map(at),
  };
}

/** BearSSL 0.6: a TLS 1.2 client with ECDHE, ECDSA, ChaCha20 and Poly1305. @param {string} root */
export function bearssl(root) {
  const at = (path) => join(root, path);
  return {
    flags: [`-I${at('inc')}`, `-I${at('src')}`],
    foreign: [
      ...['ccopy', 'dec16be', 'dec32be', 'dec32le', 'enc16be', 'enc32be', 'enc32le', 'enc64be'].map(
        (name) => `codec/${name}.c`,
      ),
      ...[
        'ec_p256_m15',
        'ec_secp256r1',
        'ec_secp384r1',
        'ec_secp521r1',
        'ecdsa_atr',
        'ecdsa_i15_bits',
        'ecdsa_i15_vrfy_asn1',
        'ecdsa_i15_vrfy_raw',
      ].map((name) => `ec/${name}.c`),
      ...['dig_size', 'md5sha1', 'md5', 'sha1', 'sha2small', 'multihash'].map((name) => `hash/${name}.c`),
      ...[
        ...[
          'add',
          'bitlen',
          'decmod',
          'decode',
          'decred',
          'encode',
          'fmont',
          'iszero',
          'modpow',
          'modpow2',
          'montmul',
        ],
        ...['muladd', 'ninv15', 'reduce', 'rshift', 'sub', 'tmont'],
      ].map((name) => `int/i15_${name}.c`),
      ...['hmac', 'hmac_ct'].map((name) => `mac/${name}.c`),
      'rand/hmac_drbg.c',
      ...[
        'prf',
        'prf_sha256',
        'ssl_client',
        'ssl_engine',
        'ssl_hashes',
        'ssl_hs_client',
        'ssl_io',
        'ssl_rec_chapol',
      ].map((name) => `ssl/${name}.c`),
      ...['chacha20_ct', 'poly1305_ctmul32'].map((name) => `symcipher/${name}.c`),
    ].map((path) => at(`src/${path}`)),
  };
}
