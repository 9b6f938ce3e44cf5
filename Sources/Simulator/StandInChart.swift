/// The chart that a demonstration installs: DataRobot's documented keys and objects, in the program itself.
public enum StandInChart {
  /// The chart's name, which is also the name of its folder.
  public static let name = "datarobot-management-agent"

  /// The chart's files: the path below the chart's folder, and the bytes.
  public static let files: [(path: String, bytes: [UInt8])] = [
    ("Chart.yaml", PackageResources.Chart_yaml),
    ("values.yaml", PackageResources.values_yaml),
    ("values.schema.json", PackageResources.values_schema_json),
    ("examples/AKE_values.yaml", PackageResources.AKE_values_yaml),
    ("examples/AWS_values.yaml", PackageResources.AWS_values_yaml),
    ("templates/NOTES.txt", PackageResources.NOTES_txt),
    ("templates/_helpers.tpl", PackageResources._helpers_tpl),
    ("templates/configmap.yaml", PackageResources.configmap_yaml),
    ("templates/deployment.yaml", PackageResources.deployment_yaml),
    ("templates/image-builder.yaml", PackageResources.image_builder_yaml),
    ("templates/rbac.yaml", PackageResources.rbac_yaml),
    ("templates/serviceaccount.yaml", PackageResources.serviceaccount_yaml),
  ]
}
