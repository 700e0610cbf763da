/* Reads our server for SCADA as plainly as libmodbus lets one, and tries to write.
 *
 *   libmodbus_scada PORT FIRST REGISTERS COIL INPUT
 *
 * Prints input registers, holding registers, a coil and a discrete input, each on a line, and what a write was answered.
 */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>

static void print(int count, const uint16_t *words)
{
    for (int n = 0; n < count; n++) printf("%u ", words[n]);
    printf("\n");
}

int main(int argc, char **argv)
{
    uint16_t words[MODBUS_MAX_READ_REGISTERS] = {0};
    uint8_t coil = 0, input = 0;
    if (argc != 6) return 2;
    int first = atoi(argv[2]), count = atoi(argv[3]);
    modbus_t *cell = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
    if (cell == NULL || modbus_connect(cell) != 0) return 1;
    print(modbus_read_input_registers(cell, first, count, words), words);
    print(modbus_read_registers(cell, first, count, words), words);
    printf("%d\n", modbus_read_bits(cell, atoi(argv[4]), 1, &coil) == 1 ? coil : -1);
    printf("%d\n", modbus_read_input_bits(cell, atoi(argv[5]), 1, &input) == 1 ? input : -1);
    printf("%s\n", modbus_write_register(cell, first, 1) == -1 ? modbus_strerror(errno) : "written");
    modbus_free(cell);
    return 0;
}
