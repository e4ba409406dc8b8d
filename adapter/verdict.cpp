#include "adapter/verdict.h"

#include <sysexits.h>

#include <array>

namespace consultd {
namespace {

using enum ErrorKind;
using TransferState::Failed;
using TransferState::Held;

constexpr std::array<Verdict, 16> table{{
    {Unavailable, true, Held, "unavailable", EX_UNAVAILABLE},
    {RateLimited, true, Held, "rate-limited", EX_TEMPFAIL},
    {Uncertain, true, Held, "uncertain", EX_TEMPFAIL},
    {Unauthorized, false, Held, "not-authorized", EX_NOPERM},
    {Forbidden, false, Held, "forbidden", EX_NOPERM},
    {Denied, false, Held, "consent", EX_NOPERM},
    {NotFound, false, Failed, "not-found", EX_NOINPUT},
    {Conflict, false, Held, "identity", EX_DATAERR},
    {Malformed, false, Held, "protocol", EX_PROTOCOL},
    {Unsupported, false, Held, "unsupported", EX_PROTOCOL},
    {TooLarge, false, Held, "too-large", EX_DATAERR},
    {Storage, false, Held, "storage", EX_IOERR},
    {Corrupt, false, Failed, "our-fault", EX_SOFTWARE},
    {Cancelled, true, Held, "stopped", EX_TEMPFAIL},
    {Config, false, Held, "configuration", EX_CONFIG},
    {Busy, true, Held, "busy", EX_TEMPFAIL},
}};

}  // namespace

const Verdict& verdict_of(ErrorKind kind) {
    for (const Verdict& row : table)
        if (row.kind == kind) return row;
    return table[12];
}

int exit_code_of(std::string_view reason) {
    for (const Verdict& row : table)
        if (row.reason.view() == reason) return row.exit_code;
    return EX_SOFTWARE;
}

}  // namespace consultd
