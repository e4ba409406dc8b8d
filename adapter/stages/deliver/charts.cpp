#include "adapter/stages/deliver/charts.h"

#include <algorithm>

#include "adapter/stages/deliver/ask.h"
#include "fhir/reference.h"

namespace consultd {
namespace {

constexpr std::size_t charts_max = 8;

}  // namespace

void Charts::note(std::size_t place, fhir::JsonView resource) {
    if (place == account_.new_chart && is_that_person_ && !is_that_person_(resource))
        say_is_others(account_.entries[place].location);
    if (account_.entries[place].type == "Bundle") return;
    for (const char* element : {"subject", "patient", "for", "beneficiary"}) {
        const fhir::Reference about =
            fhir::Reference::parse(resource[element]["reference"].string());
        if (about.type == "Patient") places_[about.key()].push_back(place);
    }
}

void Charts::say_is_others(const std::string& chart) {
    seen_.is_other_person = true;
    if (std::ranges::find(seen_.others, chart) == seen_.others.end()) seen_.others.push_back(chart);
}

bool Charts::is_known(const std::string& chart) const {
    // Whom it was found to be of, or a person said that it is: read like all the rest, as long as
    // there is somebody to compare with.
    if (chart == account_.chart) return !is_that_person_;
    return std::ranges::any_of(account_.entries, [&](const AccountEntry& entry) {
        return entry.type == "Patient" && entry.location == chart;
    });
}

void Charts::compare() {
    account_.is_chart_gone = false;
    // As long as nothing of ours is there, nothing lies in it.
    const bool is_any_there = std::ranges::any_of(account_.entries, &AccountEntry::is_seen);
    if (!account_.chart.empty() && is_any_there) places_[account_.chart];
    std::size_t asked = 0;
    for (const auto& [chart, about_it] : places_) {
        if (seen_.broken || is_known(chart)) continue;
        if (!is_that_person_ || ++asked > charts_max) {
            ++seen_.charts_unaskable;
            continue;
        }
        const auto there = client_.get(client_.base().below(chart), call_);
        if (!there)
            miss(chart, about_it, there.error());
        else if (!is_that_person_(there->body))
            say_is_others(chart);
        else
            move_to(chart, about_it);
    }
}

// A chart that was found by the patient's name may be of another transfer, made before this one
// arrived; or the server filed it elsewhere. What comes back is about the chart of the case.
void Charts::move_to(const std::string& chart, const std::vector<std::size_t>& about_it) {
    const std::size_t task = account_.entries.size() - 1;
    if (account_.entries[task].type != "Task" || std::ranges::count(about_it, task) == 0) return;
    if (account_.new_chart == AccountEntry::nobody)
        account_.chart = chart;
    else
        account_.entries[account_.new_chart].location = chart;
}

// A chart that is not there is nobody's.
void Charts::miss(const std::string& chart, const std::vector<std::size_t>& about_it,
                  const Error& error) {
    if (error.kind() == ErrorKind::NotFound) {
        ++seen_.charts_missing;
        if (chart == account_.chart) account_.is_chart_gone = true;
        if (is_to_be_elsewhere(chart))
            for (const std::size_t place : about_it) account_.entries[place].is_wrong = true;
    } else if (is_unaskable(error)) {
        ++seen_.charts_unaskable;
    } else {
        seen_.broken = error;
    }
}

// Whatever is about it should be about the chart that is known.
bool Charts::is_to_be_elsewhere(const std::string& chart) const {
    if (account_.new_chart == AccountEntry::nobody) return chart != account_.chart;
    return !account_.entries[account_.new_chart].location.empty();
}

}  // namespace consultd
