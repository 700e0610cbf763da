/* Reads what the server for SCADA serves, with the decoders of libmodbus, and tries what the server must refuse.
 *
 *   libmodbus_reader PORT ROUNDS
 *
 * Prints the values of the first round, one line each, then "rounds N" with the rounds that were the same, then what
 * became of a write of a register, a write of a coil, a read of what is not there, and a read of half a value.
 */
#include <errno.h>
#include <inttypes.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 24, BITS = 3 };

static const char *refused(int answer)
{
    return answer != -1 ? "taken" : errno == EMBXILFUN ? "illegal function" : errno == EMBXILADD ? "illegal address" : "lost";
}

static int read_all(modbus_t *server, uint16_t *words, uint16_t *held, uint8_t *coils, uint8_t *inputs)
{
    return modbus_read_input_registers(server, 0, WORDS, words) == WORDS
        && modbus_read_registers(server, 5, 1, held) == 1
        && modbus_read_bits(server, 0, BITS, coils) == BITS
        && modbus_read_input_bits(server, 8, BITS, inputs) == BITS;
}

int main(int argc, char **argv)
{
    modbus_t *server = modbus_new_tcp("127.0.0.1", argc > 1 ? atoi(argv[1]) : 502);
    int rounds = argc > 2 ? atoi(argv[2]) : 1, same = 0;
    uint16_t words[WORDS], again[WORDS], held[1];
    uint8_t coils[BITS], inputs[BITS];
    if (server == NULL || modbus_connect(server) != 0 || !read_all(server, words, held, coils, inputs)) return 1;
    printf("%d\n%u\n", (int16_t)words[0], words[1]);
    printf("%" PRId32 "\n%" PRIu32 "\n", MODBUS_GET_INT32_FROM_INT16(words, 2), (uint32_t)MODBUS_GET_INT32_FROM_INT16(words, 4));
    printf("%" PRId64 "\n", MODBUS_GET_INT64_FROM_INT16(words, 6));
    printf("%g\n%g\n", modbus_get_float_abcd(words + 10), modbus_get_float_cdab(words + 12));
    printf("%g\n%g\n", modbus_get_float_badc(words + 14), modbus_get_float_dcba(words + 16));
    printf("%g\n", modbus_get_float_abcd(words + 18));
    for (int i = 20; i < WORDS; i++) printf("%c%c", words[i] >> 8, words[i] & 0xFF);
    printf("\n%u\n%u%u%u\n%u%u%u\n", held[0], coils[0], coils[1], coils[2], inputs[0], inputs[1], inputs[2]);
    while (same < rounds && read_all(server, again, held, coils, inputs) && memcmp(words, again, sizeof words) == 0) same++;
    printf("rounds %d\n", same);
    printf("%s\n", refused(modbus_write_register(server, 5, 1)));
    printf("%s\n", refused(modbus_write_bit(server, 0, 1)));
    printf("%s\n", refused(modbus_read_registers(server, 6, 1, held)));
    printf("%s\n", refused(modbus_read_input_registers(server, 2, 1, held)));
    modbus_free(server);
    return 0;
}
