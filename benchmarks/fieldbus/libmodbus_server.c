/* A controller over libmodbus: judges command blocks as they come, and shows one value of every type and word order.
 *
 *   libmodbus_server
 *
 * Prints its port, serves one connection after the other, and ends with its standard input.
 */
#include <arpa/inet.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEARTBEAT = 0, SEQUENCE = 1, ECHO = 1, FIRST = 2, SETPOINTS = 2, ACCEPT = 99, IN_FORCE = 100, RECIPE = 2000 };

static void put(uint16_t *at, uint64_t value, int words)
{
    for (int word = words - 1; word >= 0; word--, value >>= 16) at[word] = value & 0xFFFF;
}

static void show(modbus_mapping_t *map)
{
    double wide = -2.718281828459045;
    uint64_t bits;
    memcpy(&bits, &wide, sizeof bits);
    uint16_t *in = map->tab_input_registers + 10;
    put(in, (uint16_t)-12345, 1);
    put(in + 1, 54321, 1);
    put(in + 2, (uint32_t)-1234567890, 2);
    put(in + 4, 3234567890u, 2);
    put(in + 6, (uint64_t)-4503599627370495LL, 4);
    put(in + 10, 4503599627370495ULL, 4);
    put(in + 14, bits, 4);
    put(in + 18, 0x40490000, 2); /* 3.140625 in four orders, by hand: the library's own names changed their meaning */
    put(in + 20, 0x00004049, 2);
    put(in + 22, 0x49400000, 2);
    put(in + 24, 0x00004940, 2);
    put(in + 26, 1 << 3, 1);
    put(in + 27, 0x4E4D, 1);
    put(in + 28, 0x4332, 1);
    map->tab_bits[5] = map->tab_input_bits[7] = 1;
}

static void judge(modbus_mapping_t *map)
{
    uint16_t *in = map->tab_input_registers, *holding = map->tab_registers;
    in[HEARTBEAT]++;
    if (in[ECHO] == holding[SEQUENCE]) return;
    memcpy(in + IN_FORCE + FIRST, holding + FIRST, SETPOINTS * sizeof *in);
    in[ECHO] = holding[SEQUENCE];
}

static int stopped(int listener)
{
    struct pollfd waits[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    poll(waits, 2, -1);
    return waits[0].revents != 0;
}

int main(void)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    modbus_t *server = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *map = modbus_mapping_new(16, 16, 200, 200);
    int listener = modbus_tcp_listen(server, 1);
    if (listener < 0 || map == NULL || getsockname(listener, (struct sockaddr *)&address, &size) != 0) return 1;
    for (int n = FIRST; n < FIRST + SETPOINTS; n++)
        map->tab_registers[n] = map->tab_input_registers[IN_FORCE + n] = RECIPE;
    show(map);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (!stopped(listener)) {
        int length;
        modbus_tcp_accept(server, &listener);
        while ((length = modbus_receive(server, query)) >= 0) {
            if (length > 0) modbus_reply(server, query, length, map);
            judge(map);
        }
        modbus_close(server);
    }
    modbus_mapping_free(map);
    modbus_free(server);
    return 0;
}
