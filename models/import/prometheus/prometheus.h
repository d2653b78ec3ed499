// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What an exporter prints: Prometheus text exposition and OpenMetrics, one scrape or many in one file.
const Importer &prometheusTextImporter();
/// Answers of the query API of Prometheus and what speaks like it; Grafana's data frames.
const Importer &prometheusQueryImporter();

} // namespace tailscope::import
