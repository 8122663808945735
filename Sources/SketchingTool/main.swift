print("sketching")
