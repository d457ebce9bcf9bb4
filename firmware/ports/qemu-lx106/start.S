/* Reset of the ESP8266's core (Xtensa LX106, call0 ABI): the stack, zeroed variables, main. */
  .section .start, "ax"
  .globl _start
  .align 4
_start:
  j 1f
  .align 4
  .literal_position
1:
  movi a1, stack_begin
  movi a2, bss_begin
  movi a3, bss_end
  movi a4, 0
2:
  bgeu a2, a3, 3f
  s32i a4, a2, 0
  addi a2, a2, 4
  j 2b
3:
  call0 main
  call0 board_exit
