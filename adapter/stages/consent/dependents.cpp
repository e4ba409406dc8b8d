// What is there only for something else, and goes when that has gone: attachments, samples,
// provenance, and what others share.
#include <algorithm>

#include "adapter/stages/consent/filter.h"

namespace consultd::consent {

Filter::Named Filter::named() const {
    Named named{std::vector<bool>(items_.size()), std::vector<bool>(items_.size())};
    // Of each group: nobody, one of its own members, or somebody, which then names each of them.
    constexpr std::size_t nobody = static_cast<std::size_t>(-1), somebody = nobody - 1;
    std::vector<std::size_t> any(namesakes_.size(), nobody), kept(namesakes_.size(), nobody);
    const auto note = [](std::size_t& who, std::size_t speaker) {
        who = who == nobody || who == speaker ? speaker : somebody;
    };
    for (std::size_t i = 0; i < items_.size(); ++i) {
        const Item& item = items_[i];
        if (item.given.resource.type() == "Provenance") continue;
        for (const Link& link : item.links) {
            named.by_any[link.target] = true;
            if (item.is_kept) named.by_kept[link.target] = true;
        }
        for (const Link& link : item.logical) {
            note(any[link.target], i);
            if (item.is_kept) note(kept[link.target], i);
        }
    }
    for (std::size_t i = 0; i < items_.size(); ++i)
        for (const std::size_t group : items_[i].groups) {
            if (any[group] != nobody && any[group] != i) named.by_any[i] = true;
            if (kept[group] != nobody && kept[group] != i) named.by_kept[i] = true;
        }
    return named;
}

bool Filter::is_hidden_binary(const Item& item) const {
    return std::ranges::any_of(item.links,
                               [&](const Link& link) {
                                   return link.element == "securityContext" &&
                                          !items_[link.target].is_kept;
                               }) ||
           std::ranges::any_of(item.logical, [&](const Link& link) {
               return link.element == "securityContext" && namesakes_[link.target].gone > 0;
           });
}

bool Filter::has_lost_its_targets(std::size_t index) const {
    const Item& item = items_[index];
    bool has_target = false, has_kept_target = false;
    for (const Link& link : item.links) {
        has_target |= link.element == "target";
        has_kept_target |= link.element == "target" && items_[link.target].is_kept;
    }
    for (const Link& link : item.logical) {
        const Namesakes& group = namesakes_[link.target];
        const std::size_t own = item.is_member_of(link.target) ? 1 : 0;
        const std::size_t own_kept = item.is_kept ? own : 0;
        has_target |= link.element == "target" && group.members.size() > own;
        has_kept_target |= link.element == "target" && group.members.size() - group.gone > own_kept;
    }
    return has_target && !has_kept_target;
}

bool Filter::drop_dependents() {
    const std::size_t before = gone_.size();
    const Named is_named = named();
    for (std::size_t i = 0; i < items_.size(); ++i) {
        const std::string_view type = items_[i].given.resource.type();
        if (type == "Binary" && !is_named.by_kept[i])
            withhold(i, is_named.by_any[i] ? "only-with-withheld" : "undecidable");
        // A sample is there for what was found in it.
        if (type == "Specimen" && is_named.by_any[i] && !is_named.by_kept[i])
            withhold(i, "only-with-withheld");
        if (type == "Binary" && is_hidden_binary(items_[i])) withhold(i, "only-with-withheld");
        if (type == "Provenance" && items_[i].is_kept && has_lost_its_targets(i))
            withhold(i, "only-with-withheld");
    }
    return gone_.size() != before;
}

// What others share is marked from what is kept, through one another, and the rest goes.
bool Filter::drop_unused() {
    if (gone_.empty()) return false;
    const std::size_t before = gone_.size();
    std::vector<bool> is_used(items_.size());
    std::vector<std::size_t> front;
    const auto use = [&](std::size_t at) {
        if (is_used[at] || !items_[at].is_kept) return;
        is_used[at] = true;
        if (is_shared_type(items_[at].given.resource.type())) front.push_back(at);
    };
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (items_[i].is_kept && !is_shared_type(items_[i].given.resource.type()))
            front.push_back(i);
    // Of each group who used it first: nobody uses himself, so that one waits for a second.
    constexpr std::size_t nobody = static_cast<std::size_t>(-1);
    std::vector<std::size_t> first(namesakes_.size(), nobody);
    while (!front.empty()) {
        const std::size_t at = front.back();
        front.pop_back();
        for (const Link& link : items_[at].links) use(link.target);
        for (const Link& link : items_[at].logical) {
            if (first[link.target] == at) continue;
            if (first[link.target] != nobody) {
                if (items_[first[link.target]].is_member_of(link.target)) use(first[link.target]);
                continue;
            }
            first[link.target] = at;
            for (const std::size_t member : namesakes_[link.target].members)
                if (member != at) use(member);
        }
    }
    for (std::size_t i = 0; i < items_.size(); ++i)
        if (is_shared_type(items_[i].given.resource.type()) && !is_used[i] &&
            !items_[i].given.resource["patient"].is_object())
            withhold(i, "only-with-withheld");
    return gone_.size() != before;
}

}  // namespace consultd::consent
