#include "adapter/stages/pull/conversation.h"

#include <array>

namespace consultd {
namespace {

constexpr int attempts_of_broken_request = 3;

struct StatusWord {
    int status;
    StaticText word;
};
constexpr auto words = std::to_array<StatusWord>(
    {{301, "redirect"}, {302, "redirect"}, {303, "redirect"}, {307, "redirect"},
     {308, "redirect"}, {400, "http-400"}, {401, "http-401"}, {403, "http-403"},
     {404, "http-404"}, {405, "http-405"}, {406, "http-406"}, {409, "http-409"},
     {410, "http-410"}, {412, "http-412"}, {414, "http-414"}, {415, "http-415"},
     {422, "http-422"}, {451, "http-451"}, {500, "http-500"}, {501, "http-501"}});

// An OperationOutcome in the place of what was asked for, under a status of success: it is said of
// this request, and of no other.
bool is_outcome_in_place(const Error& error) { return error.number("status") == 200; }

StaticText reason_of_outcome(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Forbidden:
        case ErrorKind::Unauthorized:
        case ErrorKind::Unsupported:
            return "refused";
        case ErrorKind::NotFound:
            return "not-found";
        case ErrorKind::TooLarge:
            return "too-large";
        default:
            return "malformed-answer";
    }
}

}  // namespace

bool ends_run(const Error& error, int attempts) {
    switch (error.kind()) {
        case ErrorKind::Unavailable:
        case ErrorKind::RateLimited:
            return (error.number("status") != 500 && !is_outcome_in_place(error)) ||
                   attempts < attempts_of_broken_request;
        case ErrorKind::Unauthorized:
            return !is_outcome_in_place(error);
        case ErrorKind::Uncertain:
        case ErrorKind::Cancelled:
        case ErrorKind::Config:
        case ErrorKind::Storage:  // ours: an answer could not be kept
        case ErrorKind::Corrupt:
        case ErrorKind::Busy:
            return true;
        case ErrorKind::Conflict:
            return error.number("fence").has_value();
        default:
            return false;
    }
}

StaticText gap_reason(const Error& error) {
    if (const auto gap = error.text("gap")) return *gap;
    if (const auto status = error.number("status"))
        for (const StatusWord& row : words)
            if (row.status == *status) return row.word;
    if (is_outcome_in_place(error)) return reason_of_outcome(error.kind());
    switch (error.kind()) {
        case ErrorKind::Forbidden:
            return "foreign-host";
        case ErrorKind::NotFound:
            return "not-found";
        case ErrorKind::Unsupported:
            return "page-cap";
        case ErrorKind::TooLarge:
            return "too-large";
        default:
            return "malformed-answer";
    }
}

}  // namespace consultd
