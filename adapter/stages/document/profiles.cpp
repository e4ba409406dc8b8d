#include "adapter/stages/document/profiles.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "adapter/stages/document/profile_rows.h"

namespace consultd {
namespace {

using fhir::Json;
using fhir::JsonView;

bool has(JsonView resource, std::string_view element) {
    if (resource.has(element)) return true;
    const std::string sibling = '_' + std::string(element);
    if (resource.has(sibling)) return true;
    return !choice_of(resource, element).type.empty() || !choice_of(resource, sibling).type.empty();
}

// Which row each resource satisfies, found by striking out until nothing changes: a reference must
// lead to what satisfies a profile itself. Null: none.
class Claims {
public:
    explicit Claims(const std::vector<PacketResource>& resources)
        : resources_(resources), referrers_(resources.size()) {
        for (std::size_t i = 0; i < resources.size(); ++i) {
            position_.emplace(resources[i].full_url, i);
            claimed_.push_back(next_row(i, profile_rows.data()));
        }
        std::vector<std::size_t> front;
        for (std::size_t i = resources.size(); i-- > 0;) {
            add_referrers(i);
            front.push_back(i);
        }
        while (!front.empty()) {
            const std::size_t i = front.back();
            front.pop_back();
            bool changed = false;
            for (; claimed_[i] && !targets_satisfied(i); changed = true)
                claimed_[i] = next_row(i, claimed_[i] + 1);
            // Whoever relied on it is asked again.
            if (changed) front.insert(front.end(), referrers_[i].begin(), referrers_[i].end());
        }
    }
    const ProfileRow* of(std::size_t i) const { return claimed_[i]; }

private:
    const ProfileRow* next_row(std::size_t i, const ProfileRow* from) const {
        const fhir::Resource& resource = resources_[i].resource;
        const ProfileRow* const end = profile_rows.data() + profile_rows.size();
        const ProfileRow* found = std::find_if(from, end, [&](const ProfileRow& row) {
            return row.type.view() == resource.type() &&
                   (row.check == nullptr || row.check(resource.json()));
        });
        return found == end ? nullptr : found;
    }

    // Calls with each reference in the element, until one is not taken.
    template <class Takes>
    static bool all_references(JsonView value, const Takes& takes) {
        if (value.is_object()) return takes(value);
        return std::all_of(value.items().begin(), value.items().end(), [&](JsonView item) {
            return takes(item.has("actor") ? item["actor"] : item);
        });
    }

    void add_referrers(std::size_t i) {
        const JsonView json = resources_[i].resource.json();
        for (const ProfileRow* row = claimed_[i]; row; row = next_row(i, row + 1))
            for (const StaticText& name : row->targets)
                all_references(json[name.view()], [&](JsonView reference) {
                    const auto found = position_.find(reference["reference"].string());
                    if (found != position_.end()) referrers_[found->second].push_back(i);
                    return true;
                });
    }

    bool targets_satisfied(std::size_t i) const {
        const JsonView json = resources_[i].resource.json();
        for (const StaticText& name : claimed_[i]->targets)
            if (!all_references(json[name.view()], [&](JsonView reference) {
                    return is_satisfied(reference, name.view());
                }))
                return false;
        return true;
    }

    // Only what lies in the packet and has a profile of its own can fail here.
    bool is_satisfied(JsonView reference, std::string_view element) const {
        const auto found = position_.find(reference["reference"].string());
        if (found == position_.end()) return true;
        const std::string_view type = resources_[found->second].resource.type();
        if (type == "Observation") {
            const ProfileRow* row = claimed_[found->second];
            return row && row->url.view().find("vitalsigns") == std::string_view::npos;
        }
        const bool has_profile = std::ranges::any_of(
            profile_rows, [&](const ProfileRow& row) { return row.type.view() == type; });
        // A Device that performs needs to satisfy nothing (Device-observer-uv-ips).
        const bool is_performer = type == "Device" && element != "device";
        return !has_profile || is_performer || claimed_[found->second] != nullptr;
    }

    const std::vector<PacketResource>& resources_;
    std::unordered_map<std::string_view, std::size_t> position_;
    std::vector<const ProfileRow*> claimed_;
    std::vector<std::vector<std::size_t>> referrers_;
};

bool needs_fill(JsonView resource, const Need& need) {
    if (need.absent != Absent::NameText || !resource.has(need.element.view()))
        return !has(resource, need.element.view());
    return false;
}

bool claims_already(JsonView resource, std::string_view url) {
    for (const JsonView& profile : resource.at("meta", "profile").items())
        if (profile.string().substr(0, profile.string().find('|')) == url) return true;
    return false;
}

// Claims of the source that we do not pass on: of families that say how a server answers, not what
// a resource is, and that bind what a reference leads to. Ours leads to a copy that was changed and
// that the patient may have made smaller; whether the claim still holds we cannot check. Other
// claims (mCODE's) carry meaning and stay.
constexpr StaticText claims_not_carried[] = {"http://hl7.org/fhir/us/core/",
                                             "http://hl7.org/fhir/uv/ips/"};

bool is_carried(std::string_view profile) {
    return std::ranges::none_of(claims_not_carried, [&](const StaticText& family) {
        return profile.starts_with(family.view());
    });
}

// What many resources get alike, made once.
struct SharedValues {
    Json absent = absent_element();
    Json absent_list = Json::array({absent});
    Json absent_name = Json::array({Json::object({{"_text", absent}})});
    std::array<Json, profile_rows_count> profile_lists;  // of each row's profile alone
    SharedValues() {
        for (std::size_t i = 0; i < profile_rows.size(); ++i)
            profile_lists[i] = Json::array({Json(profile_rows[i].url.view())});
    }
};

// One resource on its way to what it claims. Each change is told; the resource is put together
// once.
class Claimant {
public:
    Claimant(const PacketResource& one, const SharedValues& shared, ChangeList& changes)
        : one_(one),
          shared_(shared),
          changes_(changes),
          meta_(one.resource.json().get("meta")),
          profiles_(meta_.get("profile")),
          edited_(one.resource.json()) {}

    void drop_unchecked_claims() {
        const Json before = profiles_;
        std::vector<Json> kept;
        for (const JsonView& profile : before.items())
            if (is_carried(profile.string())) kept.push_back(before.share(profile));
        if (kept.size() == before.size()) return;
        has_lost_all_ = kept.empty();
        profiles_ = has_lost_all_ ? Json() : Json::array(std::move(kept));
        if (!profiles_.is_null() || meta_.size() > 1)
            return change(".meta.profile", "profile.not-carried", before, profiles_);
        change(".meta", "profile.not-carried", meta_, {});
        meta_ = Json();
        edited_.set("meta", meta_);
    }

    // The standard's word for absence where the element would be: the whole element where it was
    // absent, or the extensions of a primitive.
    void fill(const Need& need) {
        const std::string name(need.element.view());
        switch (need.absent) {
            case Absent::Object:
                return fill(name, '.' + name, shared_.absent, shared_.absent);
            case Absent::List:
                return fill(name, '.' + name, shared_.absent_list, shared_.absent_list);
            case Absent::NameText:
                return fill(name, '.' + name, shared_.absent_name, shared_.absent_name);
            case Absent::Primitive:
            case Absent::DateTime: {
                const std::string type = need.absent == Absent::DateTime ? "DateTime" : "";
                return fill('_' + name + type, '.' + name + ".extension", shared_.absent,
                            shared_.absent.get("extension"));
            }
        }
    }

    void claim(const ProfileRow& row) {
        if (claims_already(one_.resource.json(), row.url.view())) return;
        const Json& own =
            shared_.profile_lists[static_cast<std::size_t>(&row - profile_rows.data())];
        const Json before = profiles_;
        profiles_ = before.is_null() ? own : before.appended(own.share(own.items()[0]));
        if (meta_.is_object()) return change(".meta.profile", "profile.claimed", before, profiles_);
        meta_ = Json::object({{"profile", profiles_}});
        change(".meta", "profile.claimed", {}, meta_);
    }

    bool has_changed() const { return has_changed_; }
    Json result() {
        if (meta_.is_object() && !same_value(meta_["profile"], profiles_)) {
            fhir::JsonObjectBuilder meta(meta_);
            if (has_lost_all_) meta.set("profile", {});  // what is claimed then stands last
            meta.set("profile", profiles_);
            meta_ = meta.build();
        }
        edited_.set("meta", meta_);
        return edited_.build();
    }

private:
    void fill(const std::string& member, const std::string& path, const Json& value,
              const Json& told) {
        change(path, "data-absent-reason", {}, told);
        edited_.set(member, value);
    }
    void change(std::string_view path, StaticText rule, const Json& before, const Json& after) {
        has_changed_ = true;
        changes_.add(one_.full_url, std::string(one_.resource.type()).append(path), rule, before,
                     after);
    }

    const PacketResource& one_;
    const SharedValues& shared_;
    ChangeList& changes_;
    Json meta_;      // as it is by now, but for its profiles
    Json profiles_;  // as they are by now
    fhir::JsonObjectBuilder edited_;
    bool has_lost_all_ = false;  // of the profiles that the source claimed
    bool has_changed_ = false;
};

}  // namespace

Json absent_reason(std::string_view code) {
    return Json::object({{"url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason"},
                         {"valueCode", code}});
}

Json absent_element(std::string_view code) {
    return Json::object({{"extension", Json::array({absent_reason(code)})}});
}

Result<ProfileClaims> claim_profiles(std::vector<PacketResource> resources) {
    const Claims claims(resources);
    const SharedValues shared;
    ProfileClaims out;
    for (std::size_t i = 0; i < resources.size(); ++i) {
        PacketResource& one = resources[i];
        Claimant claimant(one, shared, out.changes);
        claimant.drop_unchecked_claims();
        if (const ProfileRow* row = claims.of(i)) {
            for (const Need& need : row->needs)
                if (needs_fill(one.resource.json(), need)) claimant.fill(need);
            claimant.claim(*row);
        }
        if (!claimant.has_changed()) continue;
        TRY_ASSIGN(one.resource, fhir::Resource::from(claimant.result()));
    }
    out.resources = std::move(resources);
    return out;
}

}  // namespace consultd
