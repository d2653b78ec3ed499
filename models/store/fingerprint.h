// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tailscope::store {

/// Texts longer than this are fingerprinted and normalised by their tokens.
inline constexpr std::size_t kMaxParsedSql = 64 * 1024;
/// About the longest text that normalising by tokens gives; what is cut off is marked by "…".
inline constexpr std::size_t kMaxNormalizedSql = 64 * 1024;

/// Identity of a statement without its literals: 16 hex digits by PostgreSQL's own grammar (so that white
/// space, case, comments, constants and lengths of IN lists do not matter), or "t:" and 16 hex digits over
/// normalised tokens when the grammar refuses the text or it is too long or nested too deep. Empty for a text
/// without tokens. Any thread, no recursion of ours on the text. For many texts: FingerprintCache.
std::string fingerprint(std::string_view sql);

/// A statement for people to read without its values.
struct NormalizedSql
{
    std::string text; ///< $1, $2 ... for literals; by tokens: "?", and "?, ..." for a list of them
    bool byTokens = false; ///< the grammar refused the text, or it was too long or too deep for it
};
/// Comments are left out. Any thread, any text.
NormalizedSql normalizedSql(std::string_view sql);

/// The statement with plain literals and comments left out, or nothing where it is not plain. Two statements
/// with the same key differ in constants only and have the same fingerprint, so that one parse does for all.
std::optional<std::string> statementKey(std::string_view sql);

} // namespace tailscope::store
