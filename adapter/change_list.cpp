#include "adapter/change_list.h"

#include <algorithm>

namespace consultd {

ChangeList::Name ChangeList::Texts::add(std::string_view text) {
    all_ += text;
    ends_.push_back(all_.size());
    return static_cast<Name>(ends_.size() - 1);
}

std::string_view ChangeList::Texts::operator[](Name name) const {
    const std::size_t begin = name == 0 ? 0 : ends_[name - 1];
    return std::string_view(all_).substr(begin, ends_[name] - begin);
}

ChangeList::ChangeList(std::initializer_list<Change> changes) {
    for (const Change& one : changes) add(one.resource, one.path, one.rule, one.before, one.after);
}

ChangeList::Name ChangeList::resource_named(std::string_view resource) {
    if (!packed_.empty() && resources_[packed_.back().resource] == resource)
        return packed_.back().resource;
    return resources_.add(resource);
}

ChangeList::Name ChangeList::path_named(std::string_view path) {
    const auto found = path_names_.find(path);
    if (found != path_names_.end()) return found->second;
    const Name name = paths_.add(path);
    path_names_.emplace(path, name);
    return name;
}

void ChangeList::add(std::string_view resource, std::string_view path, StaticText rule,
                     const fhir::Json& before, const fhir::Json& after) {
    packed_.push_back({resource_named(resource), path_named(path), rule, before, after});
    keeper_.keep(before);
    keeper_.keep(after);
}

void ChangeList::append(const ChangeList& later) {
    for (std::size_t i = 0; i < later.size(); ++i) {
        const View one = later.view(i);
        packed_.push_back(
            {resource_named(one.resource), path_named(one.path), one.rule, one.before, one.after});
    }
    keeper_.keep(later.keeper_);
}

ChangeList::View ChangeList::view(std::size_t position) const {
    const Packed& one = packed_[position];
    return {resources_[one.resource], paths_[one.path], one.rule, one.before, one.after};
}

Change ChangeList::operator[](std::size_t position) const {
    const View one = view(position);
    return {std::string(one.resource), std::string(one.path), one.rule, keeper_.share(one.before),
            keeper_.share(one.after)};
}

void ChangeList::arrange_by(const std::vector<std::string_view>& resources) {
    std::unordered_map<std::string_view, std::size_t> ranks;
    for (const std::string_view resource : resources) ranks.emplace(resource, ranks.size());
    std::vector<std::size_t> rank_of(resources_.size(), ranks.size());
    for (Name name = 0; name < rank_of.size(); ++name)
        if (const auto found = ranks.find(resources_[name]); found != ranks.end())
            rank_of[name] = found->second;
    std::erase_if(packed_,
                  [&](const Packed& one) { return rank_of[one.resource] == ranks.size(); });
    const auto rank = [&](const Packed& one) { return rank_of[one.resource]; };
    if (!std::ranges::is_sorted(packed_, {}, rank)) std::ranges::stable_sort(packed_, {}, rank);
}

}  // namespace consultd
