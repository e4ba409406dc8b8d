#include "adapter/verdict.h"

#include <sysexits.h>

#include <algorithm>
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

// Reasons that come of no error.
struct OwnReason {
    std::string_view reason;
    int exit_code;
};
constexpr auto own_reasons = std::to_array<OwnReason>({{"no-records", EX_NOINPUT},
                                                       {"choice", EX_TEMPFAIL},
                                                       {"approval", EX_TEMPFAIL},
                                                       {"not-handed-over", EX_PROTOCOL},
                                                       {"not-all-taken", EX_PROTOCOL},
                                                       {"in-another-chart", EX_PROTOCOL},
                                                       {"opinion-incomplete", EX_PROTOCOL},
                                                       {"opinion-not-ours", EX_PROTOCOL},
                                                       {"no-opinion", EX_PROTOCOL},
                                                       {"opinion-void", EX_PROTOCOL},
                                                       {"opinion-preliminary", EX_OK},
                                                       {"withdrawal-not-taken", EX_PROTOCOL},
                                                       {"record-expired", EX_NOINPUT},
                                                       {"found-there", EX_DATAERR},
                                                       {"doubled-there", EX_OK},
                                                       {"withdrawn-in-part", EX_DATAERR},
                                                       {"ended-before", EX_NOPERM},
                                                       {"sent-before", EX_TEMPFAIL},
                                                       {"step-dies", EX_SOFTWARE}});

}  // namespace

const Verdict& verdict_of(ErrorKind kind) {
    for (const Verdict& row : table)
        if (row.kind == kind) return row;
    return table[12];
}

int exit_code_of(std::string_view reason) {
    for (const OwnReason& row : own_reasons)
        if (row.reason == reason) return row.exit_code;
    for (const Verdict& row : table)
        if (row.reason.view() == reason) return row.exit_code;
    return EX_SOFTWARE;
}

namespace {

constexpr Milliseconds backoff_first = std::chrono::seconds(1);
constexpr Milliseconds backoff_most = std::chrono::minutes(10);

}  // namespace

Milliseconds backoff(std::uint32_t attempts, const Error& error, Random& random) {
    Milliseconds asked{0};
    if (const auto seconds = error.number("retry_after_s"))
        asked = std::clamp<Milliseconds>(std::chrono::seconds(*seconds), backoff_first,
                                         std::chrono::hours(24));
    const std::uint32_t doublings = std::min<std::uint32_t>(attempts, 16);
    const Milliseconds most = std::min(backoff_most, backoff_first * (1 << doublings));
    const std::string byte = random.bytes(1);
    return std::max(asked, backoff_first / 2 + most * static_cast<unsigned char>(byte[0]) / 256);
}

}  // namespace consultd
