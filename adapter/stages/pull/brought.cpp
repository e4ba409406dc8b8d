#include "adapter/stages/pull/brought.h"

namespace consultd {

const std::set<std::string>& Brought::ids_of(const std::string& type) const {
    static const std::set<std::string> none;
    const auto found = ids.find(type);
    return found == ids.end() ? none : found->second;
}

std::vector<TypeProof> Brought::proofs() const {
    std::vector<TypeProof> proofs;
    for (const auto& [type, keys] : ids) {
        TypeProof proof{.type = type, .how = how, .searches = {}, .ids = keys.size()};
        proof.end = is_whole(type) ? TypeEnd::Complete : TypeEnd::Truncated;
        for (const std::string& name : {std::string(), type})
            if (const auto found = asked.find(name); found != asked.end()) {
                proof.searches.push_back(found->second);
                if (odd.contains(name)) proof.end = end_of(found->second.answer);
            }
        proofs.push_back(std::move(proof));
    }
    return proofs;
}

}  // namespace consultd
