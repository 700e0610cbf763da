/* Writes command blocks and waits until they are in force, as plainly as libmodbus lets one.
 *
 *   libmodbus_client PORT
 *
 * Reads a number of writes per line, performs them, and prints the time of each in ns.
 */
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { SEQUENCE = 1, ECHO = 1, ACCEPT = 99, LEFT_IN_FORCE = 3, ANSWER = 5, LOOK_AGAIN_US = 1000 };

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int write_verified(modbus_t *plc, uint16_t sequence, uint16_t left)
{
    uint16_t block[3] = {sequence, left, 2000}, answer[ANSWER];
    if (modbus_write_registers(plc, SEQUENCE, 3, block) != 3) return -1;
    for (;;) {
        if (modbus_read_input_registers(plc, ECHO, 1, answer) != 1) return -1;
        if (answer[0] == sequence) break;
        usleep(LOOK_AGAIN_US);
    }
    if (modbus_read_input_registers(plc, ACCEPT, ANSWER, answer) != ANSWER) return -1;
    return answer[0] == 0 && answer[LEFT_IN_FORCE] == left ? 0 : -1;
}

int main(int argc, char **argv)
{
    modbus_t *plc = modbus_new_tcp("127.0.0.1", argc > 1 ? atoi(argv[1]) : 502);
    int writes;
    if (plc == NULL || modbus_connect(plc) != 0) return 1;
    while (scanf("%d", &writes) == 1) {
        uint16_t sequence;
        if (modbus_read_input_registers(plc, ECHO, 1, &sequence) != 1) return 1;
        for (int i = 0; i < writes; i++) {
            long long start_ns = now_ns();
            if (write_verified(plc, ++sequence, 2000 + i % 2) != 0) return 1;
            printf("%lld\n", now_ns() - start_ns);
        }
        fflush(stdout);
    }
    modbus_free(plc);
    return 0;
}
