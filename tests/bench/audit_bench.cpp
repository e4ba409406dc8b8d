// The audit log: durable appends a second by one and by many threads, and verifying against the raw
// SHA-256 of the same entries. CONSULTD_BENCH_DIR names the disk to write to (default: here).
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "adapter/audit/audit_log.h"

using namespace consultd;

namespace {

constexpr const char* origin = "bench";
const std::string entry(2'700, 'e');  // as long as a disclosure's AuditEvent

const crypto::Key& key() {
    static const crypto::Key made = *crypto::Key::generate(crypto::Key::Type::Ed25519);
    return made;
}

class Folder {
public:
    Folder() {
        const char* const place = ::getenv("CONSULTD_BENCH_DIR");
        path = std::string(place == nullptr ? "." : place) + "/audit-bench-XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) ::abort();
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

void append_from(audit::AuditLog& log, int threads_count, std::uint64_t entries) {
    std::vector<std::thread> threads;
    for (int i = 0; i < threads_count; ++i)
        threads.emplace_back([&] {
            for (std::uint64_t n = 0; n < entries / static_cast<std::uint64_t>(threads_count); ++n)
                if (!log.append(entry).ok()) ::abort();
        });
    for (std::thread& thread : threads) thread.join();
}

void append(benchmark::State& state) {
    const Folder folder;
    const auto log = *audit::AuditLog::open(folder.path + "/audit", origin, key());
    for (auto _ : state) append_from(*log, static_cast<int>(state.range(0)), 512);
    state.SetItemsProcessed(static_cast<std::int64_t>(log->size()));
}
BENCHMARK(append)->Arg(1)->Arg(4)->Arg(16)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

void verify(benchmark::State& state) {
    const Folder folder;
    append_from(*(*audit::AuditLog::open(folder.path, origin, key())), 64, 8'192);
    for (auto _ : state)
        if (!audit::verify_log(folder.path, origin, key())->ok()) ::abort();
    state.SetItemsProcessed(state.iterations() * 8'192);
    state.SetBytesProcessed(state.iterations() * 8'192 * static_cast<std::int64_t>(entry.size()));
}
BENCHMARK(verify)->Unit(benchmark::kMillisecond);

void raw_sha256(benchmark::State& state) {
    for (auto _ : state)
        for (int i = 0; i < 8'192; ++i) benchmark::DoNotOptimize(crypto::sha256(entry));
    state.SetItemsProcessed(state.iterations() * 8'192);
    state.SetBytesProcessed(state.iterations() * 8'192 * static_cast<std::int64_t>(entry.size()));
}
BENCHMARK(raw_sha256)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
