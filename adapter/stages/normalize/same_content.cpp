#include "adapter/stages/normalize/same_content.h"

#include <algorithm>

namespace consultd::normalizing {
namespace {

using fhir::JsonMember;
using fhir::JsonView;

bool is_link_name(std::string_view name) { return name == "reference" || name == "url"; }

// When it was stored, and where.
bool is_of_storage(const JsonMember& member) {
    const std::string_view name = member.name();
    return name == "versionId" || name == "lastUpdated" || name == "source";
}

bool has_generated_text(JsonView resource) {
    const std::string_view status = resource.at("text", "status").string();
    return status == "generated" || status == "extensions" || status == "empty";
}

// Whether this member of a resource counts at all; of a `meta` that does, not all may.
bool counts(const JsonMember& member, bool leaves_text) {
    const std::string_view name = member.name();
    if (name == "id") return false;
    if (name == "text") return !leaves_text;
    return name != "meta" || !member.value.is_object() ||
           !std::ranges::all_of(member.value.members(), is_of_storage);
}

class Comparison {
public:
    explicit Comparison(const SameLink& same_link) : same_link_(same_link) {}

    bool resources(JsonView left, JsonView right) {
        const bool leaves_left = has_generated_text(left), leaves_right = has_generated_text(right);
        std::size_t count = 0;
        for (const JsonMember& member : left.members()) {
            if (!counts(member, leaves_left)) continue;
            const JsonMember* other = right.find(member.name());
            if (!other || !counts(*other, leaves_right) || !top_members(member, *other))
                return false;
            ++count;
        }
        const auto counted = std::ranges::count_if(right.members(), [&](const JsonMember& member) {
            return counts(member, leaves_right);
        });
        return count == static_cast<std::size_t>(counted);
    }
    bool has_links() const { return has_links_; }

private:
    bool top_members(const JsonMember& left, const JsonMember& right) {
        const bool is_meta =
            left.name() == "meta" && left.value.is_object() && right.value.is_object();
        if (!is_meta) return members(left, right);
        const auto counted = [](JsonView meta) {
            return std::ranges::count_if(meta.members(), std::not_fn(is_of_storage));
        };
        return counted(left.value) == counted(right.value) &&
               std::ranges::all_of(left.value.members(), [&](const JsonMember& member) {
                   const JsonMember* other = right.value.find(member.name());
                   return is_of_storage(member) || (other && members(member, *other));
               });
    }
    bool members(const JsonMember& left, const JsonMember& right) {
        if (!left.value.is_string() || !right.value.is_string() || !is_link_name(left.name()))
            return values(left.value, right.value);
        if (left.value.string() == right.value.string()) return true;
        const bool same = same_link_(left.value.string(), right.value.string());
        has_links_ = has_links_ || same;
        return same;
    }
    bool values(JsonView left, JsonView right) {
        if (left.kind() != right.kind() || left.size() != right.size()) return false;
        if (left.is_object())
            return std::ranges::all_of(left.members(), [&](const JsonMember& member) {
                const JsonMember* other = right.find(member.name());
                return other && members(member, *other);
            });
        for (std::size_t i = 0; i < left.items().size(); ++i)
            if (!values(left.items()[i], right.items()[i])) return false;
        return left.string() == right.string() && left.number() == right.number();
    }

    const SameLink& same_link_;
    bool has_links_ = false;
};

// A mixer of 64 bits: the last step of MurmurHash3.
std::uint64_t mix(std::uint64_t value) {
    value = (value ^ value >> 33U) * 0xFF51AFD7ED558CCDU;
    value = (value ^ value >> 33U) * 0xC4CEB9FE1A85EC53U;
    return value ^ value >> 33U;
}

std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

class Hasher {
public:
    explicit Hasher(const IsLink& is_link) : is_link_(is_link) {}

    void add_member(const JsonMember& member, std::uint64_t place) {
        place = mix(place + hash_of(member.name()));
        const bool is_link = member.value.is_string() && is_link_name(member.name()) &&
                             is_link_(member.value.string(), place);
        if (!is_link) add(member.value, place);
    }
    void add_meta(JsonView meta, std::uint64_t place) {
        for (const JsonMember& member : meta.members())
            if (!is_of_storage(member)) add_member(member, mix(place));
    }
    std::uint64_t sum() const { return sum_; }

private:
    void add(JsonView value, std::uint64_t place) {
        const std::string_view text = value.is_number() ? value.number() : value.string();
        sum_ += part_of(place, hash_of(text) + static_cast<std::uint64_t>(value.kind()));
        for (const JsonMember& member : value.members()) add_member(member, place);
        for (const JsonView item : value.items()) add(item, place = mix(place + 1));
    }

    const IsLink& is_link_;
    std::uint64_t sum_ = 0;
};

}  // namespace

Likeness compare_content(JsonView left, JsonView right, const SameLink& same_link) {
    Comparison comparison(same_link);
    if (!comparison.resources(left, right)) return Likeness::Different;
    return comparison.has_links() ? Likeness::SameButForLinks : Likeness::Same;
}

std::uint64_t part_of(std::uint64_t place, std::uint64_t value) {
    return mix(mix(place) ^ value * 0x9E3779B97F4A7C15U);
}

std::uint64_t content_hash(JsonView resource, const IsLink& is_link) {
    constexpr std::uint64_t top = 1, meta = 2;
    const bool leaves_text = has_generated_text(resource);
    Hasher hasher(is_link);
    for (const JsonMember& member : resource.members()) {
        if (!counts(member, leaves_text)) continue;
        if (member.name() == "meta" && member.value.is_object())
            hasher.add_meta(member.value, meta);
        else
            hasher.add_member(member, top);
    }
    return hasher.sum();
}

}  // namespace consultd::normalizing
