#include "adapter/stages/document/forms.h"

#include <unordered_map>

#include "adapter/stages/changes_between.h"
#include "fhir/base/crypto.h"
#include "fhir/r4/repair.h"

namespace consultd {
namespace {

using fhir::Json;

class Mending {
public:
    Mending(const std::vector<PacketResource>& resources, const Budget& budget)
        : resources_(resources), budget_(budget) {
        for (const PacketResource& one : resources)
            types_.emplace(one.full_url, one.resource.type());
    }

    // True: something is enclosed since, and what refers to it must be looked at again.
    Result<bool> look_at_all() {
        bool has_enclosed = false;
        for (const PacketResource& one : resources_) {
            TRY(budget_.go_on());
            std::string_view& type = types_.find(one.full_url)->second;
            if (type == own_of_a_document) {
                enclose(one, type);
                has_enclosed = true;
                continue;
            }
            if (type == enclosing || fhir::r4::is_r4(one.resource.json(), type_of_)) continue;
            Json& mended = mended_[one.full_url];
            mended = fhir::r4::repair(one.resource.json(), type_of_);
            // Without its Patient a document is none.
            if (type == "Patient" || fhir::r4::is_r4(mended, type_of_)) continue;
            enclose(one, type);
            has_enclosed = true;
        }
        return has_enclosed;
    }

    Mended finish(ChangeList& changes) {
        for (const PacketResource& one : resources_) {
            const auto found = mended_.find(one.full_url);
            if (found == mended_.end()) continue;
            const Json& before = one.resource.json();
            if (types_.at(one.full_url) == enclosing)
                changes.add(one.full_url, one.resource.type(),
                            one.resource.type() == own_of_a_document
                                ? StaticText("document.one-composition")
                                : StaticText("form.enclosed"),
                            before, found->second);
            else
                add_changes_between(one.full_url, "form.as-text", before, found->second, changes);
        }
        return std::move(mended_);
    }

private:
    static constexpr std::string_view enclosing = "Binary";
    // A document has one Composition, its own (bdl-ips-1). One that the record holds travels whole.
    static constexpr std::string_view own_of_a_document = "Composition";

    void enclose(const PacketResource& one, std::string_view& type) {
        mended_[one.full_url] = enclosed(one.resource.json());
        type = enclosing;
    }

    const std::vector<PacketResource>& resources_;
    const Budget& budget_;
    std::unordered_map<std::string_view, std::string_view> types_;
    fhir::r4::TypeOf type_of_ = [this](std::string_view url) {
        const auto found = types_.find(url);
        return found == types_.end() ? std::string_view() : found->second;
    };
    Mended mended_;
};

}  // namespace

Json enclosed(const Json& resource) {
    const std::string_view id = resource["id"].string();
    const Json meta = resource.get("meta");
    const Json labels =
        meta["security"].is_array() ? Json::object({{"security", meta.get("security")}}) : Json();
    return Json::object({{"resourceType", "Binary"},
                         {"id", id.empty() ? Json() : Json(id)},
                         {"meta", labels},
                         {"contentType", "application/fhir+json"},
                         {"data", crypto::base64(resource.print())}});
}

Result<Mended> mend_forms(const std::vector<PacketResource>& resources, ChangeList& changes,
                          const Budget& budget) {
    Mending mending(resources, budget);
    // Each round encloses one at least, or is the last.
    for (bool again = true; again;) {
        TRY_ASSIGN(again, mending.look_at_all());
    }
    return mending.finish(changes);
}

}  // namespace consultd
