// MemoryStore: the Store's contract over tables in memory, which outlive the process that works on
// them as a file does. A write is all there or not at all; before it, in its place and after it the
// one who decides fates may let it fail or let the process die. The store suite runs on it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapter/store/store.h"

namespace consultd::simulation {

struct Tables {
    struct Row {
        Transfer transfer;
        std::uint64_t fence = 0, deaths = 0;
        bool suspect = false;
        std::optional<std::string> lease_owner;
        Instant lease_until{};
    };
    std::map<std::uint64_t, Row> rows;               // by order of creation
    std::map<std::string, std::uint64_t> order;      // by id
    std::map<std::string, std::string> identifiers;  // of orders: key to id
    std::map<std::pair<std::string, Part>, std::string> parts;
    std::map<std::pair<std::string, std::string>, std::string> answers;  // by id and name
    std::map<std::string, std::string> notes;
    std::vector<AskedEntry> to_log;
    std::vector<Errand> errands;

    Row* find(const std::string& id);
    // As Store::create() looks for it.
    Result<std::optional<Transfer>> find_earlier(const Transfer& transfer, const Earlier& earlier);
    // Leases of a process that is gone.
    void bury_the_dead();
};

enum class CommitFate { Done, Busy, NoRoom, FailsUndone, FailsDone, DiesBefore, DiesAfter };
// Asked before each commit. DiesBefore and DiesAfter are for it to throw: see `die`.
struct CommitFates {
    std::function<CommitFate()> next = [] { return CommitFate::Done; };
    std::function<void()> die = [] {};
};

// Leases that were left in the tables are void, as when an Owner opens the state.
std::unique_ptr<Store> open_memory_store(Tables& tables, CommitFates fates);

}  // namespace consultd::simulation
