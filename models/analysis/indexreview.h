// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What is odd about the indexes of a database, from pg_index and what was counted here and on standbys.
namespace tailscope::analysis {

struct IndexFacts
{
    std::string schema, table, name, method, predicate, definition, constraint;
    std::vector<int> keys; ///< numbers of columns without INCLUDE; 0 = an expression
    int included = 0; ///< INCLUDE columns
    bool isUnique = false, isPrimary = false, isValid = true, isBeingBuilt = false;
    std::optional<std::int64_t> bytes;
    std::optional<std::int64_t> scans; ///< here; nullopt = unknown
    std::optional<std::int64_t> scansElsewhere; ///< on the other servers of the cluster, summed
    bool servesConstraint() const { return isPrimary || !constraint.empty(); }
};
struct ForeignKeyFacts
{
    std::string schema, table, name, definition, parent;
    std::vector<int> keys;
    std::vector<std::string> columns; ///< names, where known
};

struct IndexRemark
{
    enum class Kind {
        Invalid, ///< written by every change, read by nobody
        Duplicate, ///< the same as `other`
        Prefix, ///< `other` begins with the same columns
        Unused, ///< never read, here or elsewhere
        UnusedHere, ///< never read here; elsewhere it is, or nobody looked
        MissingForForeignKey,
    } kind
        = Kind::Invalid;
    std::size_t index = 0; ///< place in the list; MissingForForeignKey: of the keys
    std::string other; ///< name of the other index
};

/// Remarks, by index and kind. Indexes of one database; a unique index, or one that serves a constraint, is
/// never called superfluous because of one that does not. hasStandbys: other servers of the cluster are
/// known; an index whose scans there are not (scansElsewhere) is only unused here.
std::vector<IndexRemark> reviewIndexes(std::span<const IndexFacts> indexes,
    std::span<const ForeignKeyFacts> keys, bool hasStandbys);

/// Text to run elsewhere, with quoted names; empty where nothing is to be recommended.
std::string dropIndexText(const IndexFacts &index);
std::string rebuildIndexText(const IndexFacts &index);
std::string createIndexText(const ForeignKeyFacts &key);
/// As an identifier in SQL: quoted where it has to be.
std::string sqlName(std::string_view name);

} // namespace tailscope::analysis
