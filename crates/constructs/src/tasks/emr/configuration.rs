//! What a cluster runs: applications, their configurations, what is done before they start.

use crate::tasks::property::property;
use crate::value::{Text, Value};

property! {
    /// An application that EMR installs on a cluster.
    pub struct ApplicationConfigProperty(
        name: Text => "Name",
    ) {
        /// Information for vendors of applications: an object of texts.
        additional_info: Value => "AdditionalInfo",
        /// Arguments that EMR passes to the application.
        args: [Text] => "Args",
        /// The application's version.
        version: Text => "Version",
    }
}

property! {
    /// A script that runs on every instance before Hadoop starts.
    pub struct BootstrapActionConfigProperty(
        name: Text => "Name",
        script_bootstrap_action: ScriptBootstrapActionConfigProperty => "ScriptBootstrapAction",
    ) {}
}

property! {
    /// Where a bootstrap action's script is: in S3, or on the instance's file system.
    pub struct ScriptBootstrapActionConfigProperty(
        path: Text => "Path",
    ) {
        /// The script's arguments.
        args: [Text] => "Args",
    }
}

property! {
    /// Settings of an application's file of settings, such as `hive-site`.
    pub struct ConfigurationProperty() {
        /// The file: `hive-site`.
        classification: Text => "Classification",
        /// Further files within it.
        configurations: [ConfigurationProperty] => "Configurations",
        /// The settings: an object of texts.
        properties: Value => "Properties",
    }
}

property! {
    /// Kerberos, where a security configuration turns it on.
    pub struct KerberosAttributesProperty(
        realm: Text => "Realm",
    ) {
        /// The password of the Active Directory user.
        ad_domain_join_password: Text => "ADDomainJoinPassword",
        /// The Active Directory user who may add computers; only for trust in an Active Directory domain.
        ad_domain_join_user: Text => "ADDomainJoinUser",
        /// The password with which realms trust one another; only for trust in another realm.
        cross_realm_trust_principal_password: Text => "CrossRealmTrustPrincipalPassword",
        /// The password of `kadmin` on the cluster's own key distribution centre.
        kdc_admin_password: Text => "KdcAdminPassword",
    }
}
