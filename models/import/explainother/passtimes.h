// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"

namespace tailscope::import::explain {

/// Gives nodes that only stand for something (MySQL's "Hash", "Select #2", a MariaDB join) the time of their
/// children, in a plan that has times; MySQL's scan of a temporary table gets that of the node that fills it,
/// which EXPLAIN ANALYZE leaves out. Printed figures that are replaced stay in `extra`. Call before
/// finishPlan().
void passTimes(ParsedPlan &plan);

} // namespace tailscope::import::explain
