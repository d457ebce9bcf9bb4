/* Mentioned by libsodium's headers; they need nothing of it. */
