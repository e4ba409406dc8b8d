// What a FakeFhirServer does with what is written to it: the end of fake_fhir_server.h, which alone
// includes it.
#pragma once

namespace consultd::testing {

inline FakeFhirServer::Answer FakeFhirServer::create(const std::string& body) {
    const fhir::Json resource = json_of(body);
    const std::string type(resource["resourceType"].string());
    const std::string id = std::to_string(++last_id_);
    resources_[type + "/" + id] = resource.with("id", id);
    offer(type, {"identifier"});
    fhir::HttpResponse response = json_answer(201, resources_[type + "/" + id].print());
    response.headers.add("Location", type + "/" + id + "/_history/1");
    return response;
}

inline FakeFhirServer::Answer FakeFhirServer::remove(const std::string& key) {
    for (const auto& [other, json] : resources_)
        if (minds_references_ && other != key &&
            json.print().find("\"" + key + "\"") != std::string::npos)
            return json_answer(409, outcome);
    resources_.erase(key);
    return json_answer(204, "");
}

// As a transaction does it: what an entry was called becomes what it is called here.
inline void FakeFhirServer::relink(const std::map<std::string, std::string>& links,
                                   const std::string& key) {
    std::string text = resources_[key].print();
    for (const auto& [name, there] : links)
        for (std::size_t at = 0; (at = text.find("\"" + name + "\"")) != std::string::npos;)
            text.replace(at, name.size() + 2, "\"" + there + "\"");
    resources_[key] = json_of(text);
}

inline FakeFhirServer::Answer FakeFhirServer::transact(const std::string& body) {
    const fhir::Json bundle = json_of(body);
    std::vector<fhir::Json> answers;
    std::map<std::string, std::string> links;
    std::vector<std::string> created;
    for (const fhir::JsonView entry : bundle["entry"].items()) {
        const std::string type(entry.at("resource", "resourceType").string());
        const std::string condition(entry.at("request", "ifNoneExist").string());
        std::string key;
        if (!condition.empty())
            for (const auto& [name, json] : resources_)
                if (name.starts_with(type + "/") &&
                    has_identifier(json, decoded(condition.substr(11))))
                    key = name;
        const bool is_new = key.empty();
        if (is_new) {
            const std::string id = std::to_string(++last_id_);
            key = type + "/" + id;
            resources_[key] = bundle.share(entry["resource"]).with("id", id);
            offer(type, {"identifier"});
            created.push_back(key);
        }
        links[std::string(entry["fullUrl"].string())] = key;
        answers.push_back(fhir::Json::object(
            {{"response", fhir::Json::object({{"status", is_new ? "201 Created" : "200 OK"},
                                              {"location", key + "/_history/1"}})}}));
    }
    for (const std::string& key : created) relink(links, key);
    if (instead_of_transaction_response) return *instead_of_transaction_response;
    return json_answer(200, fhir::Json::object({{"resourceType", "Bundle"},
                                                {"type", "transaction-response"},
                                                {"entry", fhir::Json::array(std::move(answers))}})
                                .print());
}

}  // namespace consultd::testing
