#include "adapter/stages/text/pdf/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace consultd {
namespace {

constexpr long allowed[] = {
    SYS_read,           SYS_write,        SYS_readv,      SYS_writev,    SYS_lseek,
    SYS_close,          SYS_fstat,        SYS_newfstatat, SYS_mmap,      SYS_munmap,
    SYS_mprotect,       SYS_mremap,       SYS_madvise,    SYS_brk,       SYS_futex,
    SYS_clock_gettime,  SYS_getpid,       SYS_gettid,     SYS_getrandom, SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_tgkill,     SYS_exit,      SYS_exit_group};

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "confine knows the numbers of system calls of x86-64 and AArch64"
#endif

sock_filter load(std::size_t offset) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter give(std::uint32_t answer) { return BPF_STMT(BPF_RET | BPF_K, answer); }
// Goes on with the next one where it is that value, else with the one after it.
sock_filter unless(std::uint32_t value) { return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1); }

}  // namespace

bool confine() {
    std::vector<sock_filter> program = {
        load(offsetof(seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
        give(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
    for (const long call : allowed) {
        program.push_back(unless(static_cast<std::uint32_t>(call)));
        program.push_back(give(SECCOMP_RET_ALLOW));
    }
    program.push_back(give(SECCOMP_RET_ERRNO | EPERM));
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

}  // namespace consultd
