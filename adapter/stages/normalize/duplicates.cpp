// Two results may differ only in that they refer to two copies of one encounter: after those are
// folded, they are the same too. So it goes in rounds: what was folded in one, leads those that
// refer to it elsewhere, and they alone are looked at in the next. A chain of copies takes as many
// rounds as it is long, so a round must not cost more than what it touches: each resource has a
// number for its content, in which a link has its own part (same_content.h), and the references
// themselves are rewritten once, at the end.
#include "adapter/stages/normalize/duplicates.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "adapter/stages/normalize/same_content.h"
#include "fhir/r4/walk.h"

namespace consultd::normalizing {
namespace {

using fhir::Json;
using fhir::r4::Edit;
using fhir::r4::Visit;

using Position = std::uint32_t;
constexpr Position none = static_cast<Position>(-1);

// Was done, and may have been done twice on one day: twelve-hourly doses, two units of blood. Where
// neither an hour nor an identifier tells them apart, two that look alike are two: each has an id
// of its own on its server. https://hl7.org/fhir/R4/resource.html#id
struct Doing {
    std::string_view type, when;
};
constexpr Doing doings[] = {{"MedicationAdministration", "effective"},
                            {"MedicationDispense", "whenHandedOver"},
                            {"Procedure", "performed"}};

bool has_hour(fhir::JsonView doing, std::string_view when) {
    const auto says_hour = [](fhir::JsonView date) {
        return date.string().find('T') != std::string_view::npos;
    };
    const std::string name(when);
    return says_hour(doing[name]) || says_hour(doing[name + "DateTime"]) ||
           says_hour(doing.at(name + "Period", "start"));
}

bool may_be_two(fhir::JsonView resource) {
    const std::string_view type = resource["resourceType"].string();
    return !resource.has("identifier") && std::ranges::any_of(doings, [&](const Doing& one) {
        return one.type == type && !has_hour(resource, one.when);
    });
}

// What each resource was folded into, and when.
class Folded {
public:
    explicit Folded(std::size_t count) : into_(count), round_(count) {
        std::iota(into_.begin(), into_.end(), Position{0});
        last_ = into_;
    }
    void fold(Position at, Position into, Position round) {
        into_[at] = last_[at] = into;
        round_[at] = round;
    }
    bool is_folded(Position at) const { return into_[at] != at; }
    Position into(Position at) const { return into_[at]; }  // itself where it stays
    Position round(Position at) const { return round_[at]; }
    // What stays in its place. Each answer shortens the way to the next.
    Position last(Position at) const {
        while (last_[at] != at) at = last_[at] = last_[last_[at]];
        return at;
    }

private:
    std::vector<Position> into_, round_;
    mutable std::vector<Position> last_;
};

using Positions = std::unordered_map<std::string_view, Position>;

// Leads references to what is kept. One that was led on in several rounds has a change for each.
class Redirector final : public fhir::r4::Walker {
public:
    Redirector(const Positions& positions, const std::vector<Json>& full_urls, const Folded& folded,
               Position own)
        : positions_(positions), full_urls_(full_urls), folded_(folded), own_(own) {}

    bool enter(const Visit& visit) override { return visit.type.name.view() != "Bundle"; }
    Edit reference(const Visit& visit) override { return redirect(visit, "reference"); }
    Edit attachment(const Visit& visit) override { return redirect(visit, "url"); }

    // In the order in which they came about: by rounds, in each as they stand.
    void add_changes(ChangeList& out) const {
        struct RoundChange {
            Position round, from;
            std::string_view path;
        };
        std::vector<RoundChange> changes;
        for (const Led& one : led_)
            for (Position at = one.from; folded_.is_folded(at); at = folded_.into(at))
                changes.push_back({folded_.round(at), at, one.path});
        std::ranges::stable_sort(changes, {}, &RoundChange::round);
        for (const RoundChange& one : changes)
            out.add(full_urls_[own_].string(), one.path, "reference.urn", full_urls_[one.from],
                    full_urls_[folded_.into(one.from)]);
    }

private:
    struct Led {
        Position from;
        std::string path;
    };

    Edit redirect(const Visit& visit, std::string_view member) {
        const auto found = positions_.find(visit.value[member].string());
        if (found == positions_.end() || !folded_.is_folded(found->second)) return Edit::keep();
        led_.push_back({found->second, visit.path.text() + "." + std::string(member)});
        return Edit::replace(visit.value.with(member, full_urls_[folded_.last(found->second)]));
    }

    const Positions& positions_;
    const std::vector<Json>& full_urls_;
    const Folded& folded_;
    Position own_;
    std::vector<Led> led_;
};

class Folding {
public:
    Folding(const std::vector<Rewritten>& resources, const std::vector<Json>& full_urls,
            const std::vector<std::size_t>& order)
        : resources_(resources),
          full_urls_(full_urls),
          folded_(resources.size()),
          rank_(resources.size()),
          touched_(resources.size(), none),
          referrers_(resources.size()) {
        for (std::size_t i = 0; i < resources.size(); ++i) {
            front_.push_back(static_cast<Position>(order[i]));
            rank_[order[i]] = static_cast<Position>(i);
            positions_.emplace(full_urls[i].string(), static_cast<Position>(i));
        }
    }

    Status run(const Budget& budget) {
        for (std::size_t i = 0; i < resources_.size(); ++i) {
            TRY(budget.go_on());
            hashes_.push_back(hash(static_cast<Position>(i)));
        }
        for (Position round = 0; !front_.empty(); ++round) {
            std::vector<Position> folded_now;
            for (const Position at : front_) {
                TRY(budget.go_on());
                settle(at, round, folded_now);
            }
            lead_on(folded_now, round);
        }
        return {};
    }

    // The references of what stays led to what is kept.
    Status redirect(std::vector<Rewritten>& resources, ChangeList& changes,
                    const Budget& budget) const {
        for (Position at = 0; at < resources.size(); ++at) {
            if (touched_[at] == none || folded_.is_folded(at)) continue;
            TRY(budget.go_on());
            Redirector redirector(positions_, full_urls_, folded_, at);
            resources[at].json = fhir::r4::walk(resources[at].json, redirector);
            redirector.add_changes(changes);
        }
        return {};
    }
    std::size_t into(std::size_t at) const { return folded_.last(static_cast<Position>(at)); }

private:
    // Resources of one number that are not the same are not to be expected; were they made so on
    // purpose, they are not all compared with each other.
    static constexpr int compared_max = 16;

    // A link in `owner` to the one in whose list it stands.
    struct Link {
        std::uint64_t place;
        Position owner;
        Position next;
    };
    struct Links {
        Position first = none, last = none;
    };

    static std::uint64_t part(std::uint64_t place, Position target) {
        return part_of(place, std::uint64_t{target} + 1);
    }

    std::uint64_t hash(Position at) {
        std::uint64_t links = 0;
        const auto is_link = [&](std::string_view text, std::uint64_t place) {
            const auto found = positions_.find(text);
            if (found == positions_.end()) return false;
            links += part(place, found->second);
            links_.push_back({place, at, none});
            append(static_cast<Position>(links_.size() - 1), referrers_[found->second]);
            return true;
        };
        const std::uint64_t rest = content_hash(resources_[at].json, is_link);
        return rest + links;
    }

    void append(Position link, Links& list) {
        if (list.first == none)
            list.first = link;
        else
            links_[list.last].next = link;
        list.last = link;
        links_[link].next = none;
    }

    bool stands_alone(Position at) const {
        const fhir::JsonView json = resources_[at].json;
        return json["resourceType"].string() == "Patient" || may_be_two(json);
    }

    // Among those of the same content the first by name stays.
    void settle(Position at, Position round, std::vector<Position>& folded_now) {
        if (stands_alone(at)) return;
        auto [kept, end] = kept_.equal_range(hashes_[at]);
        int compared = 0;
        while (kept != end && compared < compared_max && !is_same(kept->second, at))
            ++kept, ++compared;
        if (kept == end || compared == compared_max) {
            kept_.emplace(hashes_[at], at);
            return;
        }
        const bool is_first = rank_[at] < rank_[kept->second];
        const Position goes = is_first ? kept->second : at;
        kept->second = is_first ? at : kept->second;
        folded_.fold(goes, kept->second, round);
        folded_now.push_back(goes);
    }

    bool is_same(Position left, Position right) const {
        const auto same_link = [&](std::string_view one, std::string_view other) {
            const auto a = positions_.find(one), b = positions_.find(other);
            return a != positions_.end() && b != positions_.end() &&
                   folded_.last(a->second) == folded_.last(b->second);
        };
        const Likeness likeness =
            compare_content(resources_[left].json, resources_[right].json, same_link);
        if (likeness != Likeness::SameButForLinks) return likeness == Likeness::Same;
        // Not all that looks like a link is a reference.
        return compare_content(led(left), led(right), [](auto, auto) { return false; }) ==
               Likeness::Same;
    }
    Json led(Position at) const {
        Redirector redirector(positions_, full_urls_, folded_, at);
        return fhir::r4::walk(resources_[at].json, redirector);
    }

    // Whatever refers to what was folded now refers to what is kept: the next front.
    void lead_on(const std::vector<Position>& folded_now, Position round) {
        front_.clear();
        for (const Position goes : folded_now) {
            const Position stays = folded_.into(goes);
            for (Position at = referrers_[goes].first; at != none;) {
                const Link link = links_[at];
                const Position here = std::exchange(at, link.next);
                if (folded_.is_folded(link.owner)) continue;
                if (touched_[link.owner] != round) take_up(link.owner);
                touched_[link.owner] = round;
                hashes_[link.owner] += part(link.place, stays) - part(link.place, goes);
                append(here, referrers_[stays]);
            }
            referrers_[goes] = {};
        }
        std::sort(front_.begin(), front_.end(),
                  [&](Position left, Position right) { return rank_[left] < rank_[right]; });
    }

    void take_up(Position at) {
        front_.push_back(at);
        const auto [from, to] = kept_.equal_range(hashes_[at]);
        const auto own =
            std::find_if(from, to, [&](const auto& kept) { return kept.second == at; });
        if (own != to) kept_.erase(own);
    }

    const std::vector<Rewritten>& resources_;
    const std::vector<Json>& full_urls_;
    Positions positions_;
    Folded folded_;
    std::vector<Position> rank_;
    std::vector<Position> touched_;  // the last round that led one of its links on
    std::vector<std::uint64_t> hashes_;
    std::unordered_multimap<std::uint64_t, Position> kept_;
    std::vector<Links> referrers_;
    std::vector<Link> links_;
    std::vector<Position> front_;  // in the order of their names: to be settled next
};

}  // namespace

Result<std::vector<std::size_t>> fold_duplicates(std::vector<Rewritten>& resources,
                                                 const std::vector<Json>& full_urls,
                                                 const std::vector<std::size_t>& order,
                                                 ChangeList& changes, const Budget& budget) {
    Folding folding(resources, full_urls, order);
    TRY(folding.run(budget));
    TRY(folding.redirect(resources, changes, budget));
    std::vector<std::size_t> into(resources.size());
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = folding.into(i);
    return into;
}

}  // namespace consultd::normalizing
