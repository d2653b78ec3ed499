// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/csvtable/columnmap.h"
#include "import/csvtable/tablepreview.h"
#include "session/job.h"

#include <QDialog>

#include <optional>
#include <string>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTableWidget;

namespace tailscope::app {

/// Says what the columns of a table mean (what `import --map` takes): its first rows are shown, each column
/// is given a role, and the map can be loaded and saved. Begins with the map used last for the same header,
/// else with a guess. GUI thread; the file is read by a job.
class ColumnMapDialog : public QDialog
{
    Q_OBJECT
public:
    ColumnMapDialog(const QString &file, QWidget *parent);

    /// What the controls say; valid when accepted.
    import::csvtable::ColumnMap map() const;
    void setMap(const import::csvtable::ColumnMap &map);
    bool isReady() const { return m_preview.has_value(); } ///< the first rows are shown

private:
    enum Column { Name, Values, Role, Metric, Unit, Kind, Scale, ColumnCount };

    void createLayout();
    void showHead(const Result<std::string> &head);
    void readPreview();
    void fillTable();
    void fillRow(int row);
    QComboBox *roleBox(int row) const;
    void updateRow(int row);
    void check();
    QString problem() const;
    QString summary() const;
    void load();
    void save();
    bool mapsToTable() const;

    QString m_file;
    std::string m_head;
    std::optional<import::csvtable::TablePreview> m_preview;
    import::csvtable::ColumnMap m_start; ///< what the controls were filled with
    bool m_isFilling = false;
    QLabel *m_message;
    QComboBox *m_delimiter, *m_target, *m_timeUnit;
    QCheckBox *m_header;
    QSpinBox *m_skip;
    QLineEdit *m_pattern;
    QTableWidget *m_table;
    QPushButton *m_ok = nullptr, *m_save = nullptr;
    session::JobQueue m_jobs;
};

} // namespace tailscope::app
