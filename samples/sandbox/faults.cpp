#include "samples/sandbox/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace consultd::sandbox {

bool is_fault(std::string_view name) {
    static constexpr std::array<std::string_view, 23> names = {"commit-and-hang-up",
                                                               "hang-up-before-commit",
                                                               "http-503",
                                                               "rate-limit",
                                                               "slow",
                                                               "loop-next",
                                                               "foreign-next",
                                                               "wrong-content-type",
                                                               "cut-json",
                                                               "deep-json",
                                                               "expired-page",
                                                               "token-dies",
                                                               "forbid",
                                                               "decoy",
                                                               "redirect",
                                                               "lying-total",
                                                               "sign-in-error",
                                                               "wrong-issuer",
                                                               "wrong-nonce",
                                                               "no-patient",
                                                               "lost-token-answer",
                                                               "lost-refresh-answer",
                                                               "forget-client"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

Status Faults::add(std::string_view text) {
    Fault fault;
    if (const std::size_t star = text.rfind('*'); star != std::string_view::npos) {
        const std::string_view count = text.substr(star + 1);
        if (count.empty()) {
            fault.left = always;
        } else {
            const auto parsed =
                std::from_chars(count.data(), count.data() + count.size(), fault.left);
            if (parsed.ec != std::errc() || parsed.ptr != count.data() + count.size())
                return Error(ErrorKind::Config, "a fault's count is no number");
        }
        text = text.substr(0, star);
    }
    fault.moment = take_moment(text);
    const std::size_t colon = std::min(text.find(':'), text.size());
    fault.name = text.substr(0, colon);
    fault.argument = text.substr(std::min(colon + 1, text.size()));
    if (!is_fault(fault.name)) return Error(ErrorKind::Config, "there is no fault of that name");
    add(std::move(fault));
    return {};
}

Moment take_moment(std::string_view& name) {
    for (const auto& [word, moment] : {std::pair<std::string_view, Moment>{"@write", Moment::Write},
                                       {"@written", Moment::Written}}) {
        if (!name.ends_with(word)) continue;
        name.remove_suffix(word.size());
        return moment;
    }
    return Moment::Any;
}

bool Faults::is_due(const Fault& fault) const {
    return fault.moment == Moment::Any || (fault.moment == Moment::Write && is_write_) ||
           (fault.moment == Moment::Written && !is_write_ && was_written_to_);
}

std::optional<std::string> Faults::take(std::string_view name,
                                        std::optional<std::string_view> argument) {
    for (Fault& fault : faults_) {
        if (fault.name != name || fault.left == 0 || !is_due(fault)) continue;
        if (argument && fault.argument != *argument) continue;
        if (fault.left != always) --fault.left;
        return fault.argument;
    }
    return std::nullopt;
}

}  // namespace consultd::sandbox
