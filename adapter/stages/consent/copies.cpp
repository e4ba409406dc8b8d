// The same once more under another id: what is denied by its name is denied with its copies.
#include <algorithm>
#include <functional>

#include "adapter/stages/consent/filter.h"

namespace consultd::consent {
namespace {

using fhir::JsonView;

// By which one resource is known for another: what it is of, and when.
struct Likeness {
    explicit Likeness(JsonView resource)
        : codes(content_of(resource).main_codes),
          names(phrases_of_resource(resource)),
          drug(resource.at("medicationReference", "reference").string()),
          times(clinical_times_of(resource, fhir::Datetime::Zone::Utc).known) {}
    std::vector<Coded> codes;
    std::vector<std::string> names;
    std::string_view drug;
    std::vector<fhir::Interval> times;
};

template <class List, class Same>
bool share_one(const List& left, const List& right, Same same) {
    return std::ranges::any_of(left, [&](const auto& one) {
        return std::ranges::any_of(right, [&](const auto& other) { return same(one, other); });
    });
}

bool is_same_code(const Coded& left, const Coded& right) {
    return left.code == right.code && left.system == right.system;
}

// Of one moment, or of one day where no more is said; where one does not say, it may be.
bool may_be_copy(const Likeness& left, const Likeness& right) {
    const bool is_alike = share_one(left.codes, right.codes, is_same_code) ||
                          share_one(left.names, right.names, std::equal_to<>()) ||
                          (!left.drug.empty() && left.drug == right.drug);
    if (!is_alike) return false;
    return left.times.empty() || right.times.empty() ||
           share_one(left.times, right.times,
                     [](const fhir::Interval& one, const fhir::Interval& other) {
                         return one.overlaps(other);
                     });
}

}  // namespace

Status Filter::drop_copies() {
    std::unordered_map<std::string_view, std::vector<std::size_t>> kept;  // by type
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (items_[i].is_kept) kept[items_[i].given.resource.type()].push_back(i);
    std::unordered_map<std::size_t, Likeness> likenesses;
    const auto likeness = [&](std::size_t at) -> const Likeness& {
        return likenesses.try_emplace(at, items_[at].given.resource.json()).first->second;
    };
    for (std::size_t next = 0; next < gone_.size(); ++next) {
        TRY(budget_.go_on());
        const std::size_t gone = gone_[next];
        const std::string_view type = items_[gone].given.resource.type();
        if (items_[gone].reason != "instance-denied" || is_shared_type(type)) continue;
        std::erase_if(kept[type], [&](std::size_t i) {
            if (!may_be_copy(likeness(gone), likeness(i))) return false;
            items_[i].is_matter = true;
            withhold(i, "instance-denied", "copy -> " + items_[gone].given.source);
            return true;
        });
    }
    return {};
}

}  // namespace consultd::consent
