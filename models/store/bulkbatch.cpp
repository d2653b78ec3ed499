// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkbatch.h"

#include <algorithm>

namespace tailscope::store {

namespace {

constexpr std::size_t kKeptArena = 4u << 20; // one huge row must not make every batch huge for ever

} // namespace

bool Batch::isEmpty() const
{
    const auto hasRows = [](const CellRows &family) { return family.rows() > 0; };
    return spans.empty() && !info && setItems.cells.empty() && trackUpdates.cells.empty() && dataRows == 0
        && std::none_of(rows.begin(), rows.end(), hasRows);
}

void Batch::clear()
{
    if (arena.capacity() > kKeptArena)
        arena = std::string();
    arena.clear();
    spans.clear();
    for (CellRows &family : rows)
        family.clear();
    setItems.clear();
    trackUpdates.clear();
    statements.clear();
    info.reset();
    firstOrdinal.fill(0);
    dataRows = 0;
    rowsHash = 0;
}

} // namespace tailscope::store
