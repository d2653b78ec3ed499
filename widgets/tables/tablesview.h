// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QStackedWidget;
class QTabWidget;

namespace tailscope::items {
class ObjectsModel;
}

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class ObjectPage;
class VacuumPage;

/// Tables, indexes, vacuum and settings of the servers at the end of the range or at the moment of the
/// playback. Keys: 1 to 4 choose a page, Ctrl+F searches.
class TablesView : public View
{
    Q_OBJECT
public:
    explicit TablesView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    void startSearch() override;

    items::ObjectsModel *model() const { return m_model; }
    QTabWidget *pages() const { return m_pages; }
    ObjectPage *tablePage() const { return m_tables; }
    ObjectPage *indexPage() const { return m_indexes; }
    VacuumPage *vacuumPage() const { return m_vacuum; }
    ObjectPage *settingPage() const { return m_settings; }
    QLineEdit *searchEdit() const { return m_search; }
    QComboBox *serverBox() const { return m_server; }
    QCheckBox *totalsBox() const { return m_totals; }
    QString noteText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void connectAll();
    void setPage(int page);
    void refresh();
    void showServers();
    void showEmpty();
    void followSelection();

    items::ObjectsModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QLineEdit *m_search;
    QLabel *m_serverLabel;
    QComboBox *m_server;
    QCheckBox *m_totals;
    ElidedLabel *m_note;
    QTabWidget *m_pages;
    ObjectPage *m_tables, *m_indexes;
    VacuumPage *m_vacuum;
    ObjectPage *m_settings;
    QString m_followed; ///< what another view chose and was shown last
};

} // namespace tailscope::widgets
