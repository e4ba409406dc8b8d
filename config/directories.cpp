#include "config/directories.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fhir/base/crypto.h"

namespace consultd::config {
namespace {

constexpr std::size_t key_digits = 20;

Result<std::string> text_of(const std::string& file, std::size_t bytes_max) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        return Error(ErrorKind::NotFound, "there is no such file");
    if (std::filesystem::file_size(file, error) > bytes_max)
        return Error(ErrorKind::TooLarge, "the file is too large");
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error(ErrorKind::NotFound, "the file cannot be read");
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string source_key_of(const fhir::Url& fhir_base_url) {
    return "at-" + crypto::hex(crypto::sha256(fhir::endpoint_identity(fhir_base_url)))
                       .substr(0, key_digits);
}

void take_brands(Directory& directory, fhir::UserAccessBrands brands) {
    std::map<std::string, std::uint32_t, std::less<>> endpoints;
    for (std::uint32_t at = 0; at < brands.endpoints.size(); ++at)
        endpoints.emplace(source_key_of(brands.endpoints[at].base), at);
    directory.brands = std::make_shared<const fhir::UserAccessBrands>(std::move(brands));
    directory.endpoints = std::make_shared<const decltype(endpoints)>(std::move(endpoints));
}

Status read_brands(Directory& directory) {
    const fhir::BrandLimits limits{.takes_private = directory.takes_private};
    TRY_ASSIGN(std::string text, text_of(directory.file, limits.bytes_max));
    TRY_ASSIGN(fhir::UserAccessBrands brands,
               fhir::read_user_access_brands(std::move(text), limits));
    take_brands(directory, std::move(brands));
    return {};
}

std::optional<Source> Config::source(std::string_view key) const {
    if (const auto found = sources.find(std::string(key)); found != sources.end())
        return found->second;
    for (const auto& [name, directory] : directories) {
        if (!directory.endpoints) continue;
        const auto found = directory.endpoints->find(key);
        if (found == directory.endpoints->end()) continue;
        const fhir::BrandEndpoint& endpoint = directory.brands->endpoints[found->second];
        Source source{.key = found->first, .name = endpoint.name};
        source.fhir_base_url = endpoint.base;
        source.auth = directory.auth;
        source.tls = directory.tls;
        source.pull = directory.pull;
        return source;
    }
    return std::nullopt;
}

}  // namespace consultd::config
