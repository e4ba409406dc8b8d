// ApiTest: the HTTP interface on a real store, with one operator, asked as the server asks it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapter/web/http_interface.h"
#include "tests/support/fake_clock.h"
#include "tests/support/seeded_random.h"

namespace consultd::web {

class ApiTest : public ::testing::Test {
protected:
    ApiTest() {
        const std::filesystem::path memory = "/dev/shm";
        const bool in_memory = ::access(memory.c_str(), W_OK) == 0;
        std::string pattern =
            (in_memory ? memory : std::filesystem::temp_directory_path()) / "consultd-web-XXXXXX";
        EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        config.listen.public_url = "https://consult.example.org";
        config.listen.operators = {
            {"it-desk", hash_file("it-desk.hash", crypto::hex(crypto::sha256(token)) + "\n")}};
        config.sources["general"] = {
            .key = "general",
            .name = "General Hospital",
            .fhir_base_url = fhir::Url::parse("https://ehr.example/fhir").value()};
        config.destinations["center"] = {
            .key = "center",
            .name = "Cancer Center",
            .fhir_base_url = fhir::Url::parse("https://center.example/fhir").value()};
        store = open_sqlite_store(folder + "/consultd.db", StoreRole::Owner).value();
        operators.emplace(Operators::read(config.listen).value());
        api = std::make_unique<HttpInterface>(HttpInterfaceParts{
            .fhir = {.config = config,
                     .store = *store,
                     .sealer = sealer,
                     .clock = clock,
                     .random = random,
                     .on_packet_read =
                         [this](const Transfer&, const Actor& who) {
                             read_by.push_back(who.name());
                             return Status();
                         }},
            .operators = *operators,
            .jwks = R"({"keys":[]})",
            .ready = [this] { return ready; },
            .read_audit = [this](const auto& visit) { return read_audit(visit); },
            .metrics = [] { return Result<std::string>("# numbers\n"); }});
    }
    ~ApiTest() override {
        store.reset();
        std::filesystem::remove_all(folder);
    }

    Status read_audit(const std::function<bool(std::uint64_t, std::string_view)>& visit) const {
        for (std::size_t i = 0; i < audited.size() && visit(i, audited[i]); ++i) {
        }
        return {};
    }

    std::string hash_file(const std::string& name, const std::string& text,
                          mode_t mode = 0600) const {
        const std::string file = folder + "/" + name;
        std::ofstream(file) << text;
        EXPECT_EQ(::chmod(file.c_str(), mode), 0);
        return file;
    }

    ServerResponse ask(const std::string& method, const std::string& path,
                       const std::string& query = "", const std::string& body = "",
                       const std::string& with_token = token, const Headers& more_headers = {}) {
        ServerRequest request{
            .method = method, .path = path, .query = query, .headers = more_headers, .body = body};
        if (!with_token.empty())
            request.headers.emplace_back("authorization", "Bearer " + with_token);
        request.headers.emplace_back("Content-Type", "application/fhir+json");
        return api->handle(request);
    }
    static fhir::Json json(const ServerResponse& response) {
        const Result<fhir::Json> parsed = fhir::Json::parse(response.body);
        EXPECT_TRUE(parsed.ok()) << response.body;
        return parsed.ok() ? *parsed : fhir::Json();
    }
    static std::string header(const ServerResponse& response, std::string_view name) {
        for (const auto& [key, value] : response.headers)
            if (key == name) return value;
        return {};
    }

    static std::string input(const std::string& code, const std::string& value) {
        return R"({"type":{"coding":[{"system":"urn:consultd:transfer","code":")" + code +
               R"("}]},"valueString":")" + value + "\"}";
    }
    // A Task that asks for a transfer, each time another one; `patient` is the content of Task.for.
    std::string task(const std::string& patient = R"({"reference":"Patient/anna"})") {
        return task_named("order-" + std::to_string(++orders), patient);
    }
    static std::string identifier(const std::string& value) {
        return value.empty()
                   ? ""
                   : R"("identifier":[{"system":"urn:ours","value":")" + value + R"("}],)";
    }
    // The same each time; `name`: of the order; empty: none.
    static std::string task_named(const std::string& name,
                                  const std::string& patient = R"({"reference":"Patient/anna"})") {
        return R"({"resourceType":"Task",)" + identifier(name) +
               R"("status":"requested","intent":"order",
          "code":{"coding":[{"code":"fulfill"}]},"for":)" +
               patient +
               R"(,"contained":[{"resourceType":"Consent","id":"k","status":"active"}],
          "input":[)" +
               input("source", "general") + "," + input("destination", "center") + "," +
               input("question", "SECRET-QUESTION") +
               R"(,{"type":{"coding":[{"system":"urn:consultd:transfer","code":"consent"}]},
                    "valueReference":{"reference":"#k"}}]})";
    }
    // The id of a new transfer.
    std::string create() {
        const ServerResponse response = ask("POST", "/fhir/Task", "", task());
        EXPECT_EQ(response.status, 201) << response.body;
        return std::string(json(response)["id"].string());
    }

    static inline const std::string token = "0123456789abcdef0123456789abcdef";
    int orders = 0;
    std::vector<std::string> audited;  // the entries of the audit log
    std::vector<std::string> read_by;  // who was given a packet or a Consent, before they were
    std::string folder;
    testing::FakeClock clock;
    testing::SeededRandom random;
    crypto::Sealer sealer{Secret(std::string(32, 'k')), random};
    config::Config config;
    Status ready;
    std::unique_ptr<Store> store;
    std::optional<Operators> operators;
    std::unique_ptr<HttpInterface> api;
};

}  // namespace consultd::web
